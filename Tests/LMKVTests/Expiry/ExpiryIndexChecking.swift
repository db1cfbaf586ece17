import LMDB
import Testing

@testable import LMKV

/// What the expiry index of a store holds.
struct IndexedEntry: Hashable, Comparable, CustomStringConvertible {
  let expiry: Int64
  let database: String
  /// Bytes, because two keys may be equal as text.
  let bytes: [UInt8]

  var key: String { String(decoding: bytes, as: UTF8.self) }

  static func < (left: IndexedEntry, right: IndexedEntry) -> Bool {
    (left.expiry, left.database, left.key) < (right.expiry, right.database, right.key)
  }

  var description: String { "\(database)/\(key)@\(expiry)" }
}

extension Store {
  /// Everything in the expiry index, due or not.
  func indexedEntries() throws -> [IndexedEntry] {
    try read { snapshot in
      var entries: [IndexedEntry] = []
      try snapshot.expiryIndex()?.forEachDue(at: .max) { expiry, pair in
        entries.append(
          IndexedEntry(
            expiry: expiry,
            database: String(decoding: pair.databaseName, as: UTF8.self),
            bytes: Array(pair.key)
          )
        )
        return true
      }
      return entries
    }
  }

  /// Every entry with an expiry, whether it is past or not, as it lies in the store.
  func expiringEntries() throws -> [IndexedEntry] {
    try read { snapshot in
      var entries: [IndexedEntry] = []
      for (scope, databaseName) in snapshot.catalog.databases {
        _ = try snapshot.withDatabase(binding(scope.text)) { raw, database in
          let cursor = try RawCursor(raw, database)
          defer { cursor.close() }
          while let entry = try cursor.move(.next) {
            let header = try #require(EntryHeader(entry.value))
            let key = Array(entry.key)
            header.expiry.map { entries.append(IndexedEntry(expiry: $0, database: databaseName, bytes: key)) }
          }
        }
      }
      return entries
    }
  }

  /// Every entry with an expiry is in the index, once.
  func checkExpiryIndex(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let indexed = try indexedEntries()
    #expect(Set(indexed).count == indexed.count, "a pair is there twice", sourceLocation: sourceLocation)
    let missing = Set(try expiringEntries()).subtracting(indexed)
    #expect(missing.isEmpty, "entries that expire are not in the index", sourceLocation: sourceLocation)
  }
}
