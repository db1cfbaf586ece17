internal import LMDB

/// The named DB `expiry`: the entries that expire, in the order in which they do.
///
/// | bytes of the key | what |
/// |---|---|
/// | 8 | the expiry in milliseconds since 1970, signed, big-endian, its highest bit flipped: so it sorts as a number |
/// | 8 | FNV-1a (64 bits), big-endian, of the entry's key, a zero byte, and the name of its named DB |
///
/// The value is a CBOR array of text strings: the named DB's name and the entry's key, and further such pairs in the
/// rare case that several entries have the same expiry and hash.
///
/// An entry with an expiry always has its pair here, written in the same transaction. The reverse does not hold: a pair
/// may be stale, because its entry was overwritten, removed with its whole scope, or has another expiry now. Whoever
/// comes upon it when it is due drops it.
@unsafe struct ExpiryIndex {
  static let databaseName = "expiry"

  let transaction: RawTransaction
  let database: UInt32

  /// A key of the index.
  struct Place: Hashable {
    let expiry: Int64
    let hash: UInt64

    init(_ expiry: Int64, of key: UnsafeRawBufferPointer, in databaseName: String) {
      self.expiry = expiry
      var hash = FNV1a()
      unsafe hash.combine(key)
      hash.combine(byte: 0)
      for byte in databaseName.utf8 { hash.combine(byte: byte) }
      self.hash = hash.value
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
      guard bytes.count == 16 else { return nil }
      expiry = unsafe Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: Int64.self)) ^ .min
      hash = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
      let words = ((expiry ^ .min).bigEndian, hash.bigEndian)
      return try unsafe withUnsafeBytes(of: words) { unsafe try body($0) }
    }
  }

  // MARK: Writing

  /// Adds a pair, if it is not there yet.
  func add(_ databaseName: String, _ key: UnsafeRawBufferPointer, at place: Place, _ writer: CBORWriter) throws {
    unsafe try place.withBytes { bytes in
      do {
        unsafe Pairs.write([], and: (databaseName, key), to: writer)
        unsafe try writer.withUnsafeBytes { unsafe try transaction.put($0, for: bytes, in: database, .noOverwrite) }
      } catch LMDBError.Code.keyExists {
        let pairs = unsafe try pairs(at: bytes)
        guard unsafe !pairs.contains(where: { unsafe $0.is(databaseName, key) }) else { return }
        unsafe Pairs.write(pairs, and: (databaseName, key), to: writer)
        unsafe try writer.withUnsafeBytes { unsafe try transaction.put($0, for: bytes, in: database) }
      }
    }
  }

  /// Takes a pair away, if it is there.
  func remove(_ databaseName: String, _ key: UnsafeRawBufferPointer, at place: Place, _ writer: CBORWriter) throws {
    unsafe try place.withBytes { bytes in
      let pairs = unsafe try pairs(at: bytes)
      let others = unsafe pairs.filter { unsafe !$0.is(databaseName, key) }
      if unsafe others.isEmpty {
        _ = unsafe try transaction.delete(bytes, in: database)
      } else if unsafe others.count < pairs.count {
        unsafe Pairs.write(others, and: nil, to: writer)
        unsafe try writer.withUnsafeBytes { unsafe try transaction.put($0, for: bytes, in: database) }
      }
    }
  }

  private func pairs(at bytes: UnsafeRawBufferPointer) throws -> [Pair] {
    guard let value = unsafe try transaction.get(bytes, in: database) else { return unsafe [] }
    return unsafe try Pairs.read(value)
  }

  // MARK: Reading

  /// The earliest expiry of all. Nil when the index is empty.
  func earliest() throws -> Int64? {
    let cursor = unsafe try RawCursor(transaction, database)
    defer { unsafe cursor.close() }
    guard let entry = unsafe try cursor.move(.first) else { return nil }
    return try unsafe Self.place(entry.key).expiry
  }

  /// Lends the pairs that are due, earliest first, to `body`, until it returns false.
  func forEachDue(at now: @autoclosure () -> Int64, _ body: (Int64, Pair) throws -> Bool) throws {
    let cursor = unsafe try RawCursor(transaction, database)
    defer { unsafe cursor.close() }
    guard var entry = unsafe try cursor.move(.first) else { return }
    let now = now()
    while true {
      let expiry = try unsafe Self.place(entry.key).expiry
      guard expiry <= now else { return }
      let isWanted = unsafe try Pairs.read(entry.value).allSatisfy { unsafe try body(expiry, $0) }
      guard isWanted else { return }
      guard let next = unsafe try cursor.move(.next) else { return }
      unsafe entry = unsafe next
    }
  }

  /// How many entries of a named DB have expired and still lie in it.
  func unsweptCount(of databaseName: String, _ number: UInt32, at now: @autoclosure () -> Int64) throws -> Int {
    var count = 0
    unsafe try forEachDue(at: now()) { expiry, pair in
      if unsafe pair.isIn(databaseName), let entry = unsafe try transaction.get(pair.key, in: number),
        let header = unsafe EntryHeader(entry), header.expiry == expiry
      {
        count += 1
      }
      return true
    }
    return count
  }

  static func place(_ bytes: UnsafeRawBufferPointer) throws(LMKVError) -> Place {
    guard let place = unsafe Place(bytes) else { throw unsafe damaged }
    return place
  }

  static var damaged: LMKVError {
    LMKVError(.corrupted, "The store's index of expiries is damaged. Restore the store from a backup.")
  }
}

/// The hash of Fowler, Noll and Vo, variant 1a, of 64 bits: the same on every machine, for ever.
struct FNV1a {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func combine(byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    unsafe bytes.forEach { combine(byte: $0) }
  }
}
