internal import LMDB

/// LMDB's list of free pages: for each transaction that freed some, a record with its ID that counts and names them.
enum FreeList {
  private static let database: UInt32 = 0

  /// Calls `body` with every page that is free in a snapshot.
  static func forEach(_ snapshot: RawTransaction, _ body: (UInt64) -> Void) throws(LMDBError) {
    let cursor = unsafe try RawCursor(snapshot, database)
    defer { unsafe cursor.close() }
    var entry = unsafe try cursor.move(.first)
    while let record = unsafe entry {
      unsafe pages(record.value, body)
      unsafe entry = try cursor.move(.next)
    }
  }

  /// Calls `body` with every page that was freed by transactions after one and until another, and not used again.
  static func forEach(
    freedAfter first: UInt64,
    until last: UInt64,
    _ snapshot: RawTransaction,
    _ body: (UInt64) -> Void
  ) throws(LMDBError) {
    let cursor = unsafe try RawCursor(snapshot, database)
    defer { unsafe cursor.close() }
    var entry = unsafe try withUnsafeBytes(of: first + 1) { (key) throws(LMDBError) in
      unsafe try cursor.move(.atOrAfter, key)
    }
    while let record = unsafe entry, unsafe record.key.loadUnaligned(as: UInt64.self) <= last {
      unsafe pages(record.value, body)
      unsafe entry = try cursor.move(.next)
    }
  }

  private static func pages(_ record: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
    guard record.count >= 8 else { return }
    let count = unsafe Int(record.loadUnaligned(as: UInt64.self))
    for index in 0..<min(count, record.count / 8 - 1) {
      unsafe body(record.loadUnaligned(fromByteOffset: 8 + 8 * index, as: UInt64.self))
    }
  }
}
