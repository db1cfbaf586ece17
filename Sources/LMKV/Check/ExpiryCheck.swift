internal import LMDB

/// Looks whether every entry that expires is in the index of expiries, and whether what is there can be used.
///
/// A pair whose entry has another expiry, or is gone, is legal: it goes when it is due.
struct ExpiryCheck {
  /// An entry that expires.
  struct Entry {
    let place: [UInt8]
    let database: [UInt8]
    let key: [UInt8]
    let page: UInt64
  }

  /// So many entries are looked up at once, in the order of the index, where neighbours share pages.
  private static let largestBatch = 4_096

  private let trees: TreeLookup?
  /// The index. Nil where it is absent, or cannot be looked through: then a page on the way to it is damaged, which is
  /// found when the pages are checked.
  private let index: TreeRecord?
  private let isReadable: Bool
  private var batch: [Entry] = []
  private var databases: Set<[UInt8]> = []

  init(_ trees: TreeLookup?) {
    self.trees = trees
    do {
      index = unsafe try trees?.record(of: ExpiryIndex.databaseName)
      isReadable = true
    } catch {
      index = nil
      isReadable = false
    }
  }

  /// Looks at a record of the index. Says what is wrong with it.
  mutating func look(at key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> String? {
    guard let place = unsafe ExpiryIndex.Place(key) else {
      return "The index of expiries has a key of \(key.count) bytes, not 16."
    }
    guard let pairs = unsafe try? ExpiryIndex.Pairs.read(value), unsafe !pairs.isEmpty, unsafe isWhole(value) else {
      return "A record of the index of expiries cannot be decoded."
    }
    for index in unsafe pairs.indices {
      let pair = unsafe pairs[index]
      guard let database = unsafe String(validating: pair.databaseName, as: UTF8.self) else {
        return "A record of the index of expiries names a named DB that is not UTF-8."
      }
      guard unsafe ExpiryIndex.Place(place.expiry, of: pair.key, in: database) == place else {
        return "A record of the index of expiries stands under another hash than that of its key."
      }
      guard exists(database) else {
        return "A record of the index of expiries names the named DB \"\(database)\", which is not there."
      }
    }
    return nil
  }

  private func isWhole(_ value: UnsafeRawBufferPointer) -> Bool {
    var reader = unsafe CBORReader(value)
    do throws(CBORFault) {
      try reader.skip(depth: 0)
      try reader.expectEnd()
      return true
    } catch {
      return false
    }
  }

  /// Named DBs are never dropped, so that even a stale pair names one that is there.
  private mutating func exists(_ database: String) -> Bool {
    let name = Array(database.utf8)
    if databases.contains(name) { return true }
    do {
      guard try trees?.record(of: database) != nil else { return false }
      databases.insert(name)
    } catch {
      // The way to it is damaged, which is found when the pages are checked.
    }
    return true
  }

  /// Keeps an entry that expires. Says whether it is time for ``takeMissing()``.
  mutating func isFull(
    afterAdding key: UnsafeRawBufferPointer,
    _ expiry: Int64,
    _ database: [UInt8],
    _ page: UInt64
  ) -> Bool {
    guard isReadable else { return false }
    let name = String(decoding: database, as: UTF8.self)
    let place = unsafe ExpiryIndex.Place(expiry, of: key, in: name)
    let bytes = unsafe place.withBytes { unsafe Array($0) }
    batch.append(Entry(place: bytes, database: database, key: unsafe Array(key), page: page))
    return batch.count >= Self.largestBatch
  }

  /// The entries that are not in the index, of those that were kept; these are forgotten.
  mutating func takeMissing() -> [Entry] {
    defer { batch.removeAll(keepingCapacity: true) }
    batch.sort { $0.place.lexicographicallyPrecedes($1.place) }
    return batch.filter { !isIndexed($0) }
  }

  private func isIndexed(_ entry: Entry) -> Bool {
    guard let index, let trees else { return false }
    do {
      guard let value = try trees.value(of: entry.place, in: index) else { return false }
      return unsafe try value.withUnsafeBytes { value in
        unsafe try ExpiryIndex.Pairs.read(value).contains { pair in
          unsafe pair.key.elementsEqual(entry.key) && pair.databaseName.elementsEqual(entry.database)
        }
      }
    } catch {
      // What is damaged on the way is found when the pages, or the index itself, are checked.
      return true
    }
  }
}
