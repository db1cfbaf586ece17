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

  /// Calls `body` with every page that one transaction has freed, and that nobody has used since.
  static func forEach(
    freedBy transaction: UInt64,
    _ snapshot: RawTransaction,
    _ body: (UInt64) -> Void
  ) throws(LMDBError) {
    let cursor = unsafe try RawCursor(snapshot, database)
    defer { unsafe cursor.close() }
    let record = unsafe try withUnsafeBytes(of: transaction) { (key) throws(LMDBError) in
      unsafe try cursor.move(.exact, key)
    }
    if let record = unsafe record { unsafe pages(record.value, body) }
  }

  private static func pages(_ record: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
    guard record.count >= 8 else { return }
    let count = unsafe Int(record.loadUnaligned(as: UInt64.self))
    for index in 0..<min(count, record.count / 8 - 1) {
      unsafe body(record.loadUnaligned(fromByteOffset: 8 + 8 * index, as: UInt64.self))
    }
  }
}
