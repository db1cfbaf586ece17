internal import LMDBPlatform

/// The entries of a batch, keys and values apart.
///
/// The caller's code takes the sequence apart, where its type is known: here each pair would cost more than its write.
@usableFromInline
struct EntryBatch<Stored> {
  @usableFromInline private(set) var keys: [String] = []
  @usableFromInline private(set) var values: [Stored] = []

  @inlinable
  init(_ entries: some Sequence<(String, Stored)>) {
    keys.reserveCapacity(entries.underestimatedCount)
    values.reserveCapacity(entries.underestimatedCount)
    for (key, value) in entries {
      keys.append(key)
      values.append(value)
    }
  }
}

/// In which order the keys of a batch are written.
struct BatchOrder {
  /// Positions in the batch. Equal keys stay in their order, so that the last one wins.
  let positions: [Int]
  /// Whether each key comes after the one before, so that the batch can be appended.
  let isAscending: Bool

  /// From so many entries on the order of the keys is faster than any other, because neighbours share their pages.
  static let worthwhile = 64

  init(_ keys: [String]) {
    let isSorted = zip(keys, keys.dropFirst()).allSatisfy(Self.precedes)
    guard keys.count >= Self.worthwhile, !isSorted else {
      positions = Array(keys.indices)
      isAscending = isSorted
      return
    }
    let heads = Self.heads(keys)
    let positions = keys.indices.sorted { a, b in
      if heads[a] != heads[b] { return heads[a] < heads[b] }
      if Self.precedes(keys[a], keys[b]) { return true }
      return a < b && !Self.precedes(keys[b], keys[a])
    }
    self.positions = positions
    isAscending = zip(positions, positions.dropFirst()).allSatisfy { Self.precedes(keys[$0], keys[$1]) }
  }

  /// The eight bytes of each key that follow what all begin with: numbers that nearly always tell two keys apart. Where
  /// they do not, the keys themselves do.
  private static func heads(_ keys: [String]) -> [UInt64] {
    let first = keys.first.map { Array($0.utf8) } ?? []
    let common = keys.reduce(first.count) { common, key in
      zip(first.prefix(common), key.utf8).prefix { $0 == $1 }.count
    }
    return keys.map { key in
      let bytes = key.utf8.dropFirst(common).prefix(8)
      return bytes.reduce(0) { $0 << 8 | UInt64($1) } << (UInt64(8 - bytes.count) * 8)
    }
  }

  /// Whether a key comes before another in the order of the bytes, which is LMDB's.
  private static func precedes(_ first: String, _ second: String) -> Bool {
    let order: Int?? = unsafe first.utf8.withContiguousStorageIfAvailable { first in
      unsafe second.utf8.withContiguousStorageIfAvailable { second in
        unsafe compare(UnsafeRawBufferPointer(first), UnsafeRawBufferPointer(second))
      }
    }
    if let order, let order { return order < 0 }
    return first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  private static func compare(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
    let common = min(first.count, second.count)
    // An empty buffer may have no address; then nothing is compared.
    guard common > 0, let left = first.baseAddress, let right = second.baseAddress else {
      return first.count - second.count
    }
    let order = unsafe memcmp(left, right, common)
    return order != 0 ? Int(order) : first.count - second.count
  }
}
