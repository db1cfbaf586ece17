internal import CSQLite

/// A prepared statement, reset after each use.
public final class SQLiteStatement {
  private let connection: SQLiteConnection
  private let handle: OpaquePointer

  init(connection: SQLiteConnection, sql: String) throws {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw SQLiteError(code: code, connection: connection.handle) }
    self.connection = connection
    self.handle = handle
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Runs a statement that has no rows.
  public func run() throws {
    defer { sqlite3_reset(handle) }
    if try step() { throw SQLiteError(code: SQLITE_ROW, connection: nil) }
  }

  /// Runs a statement that has one row, and reads that row.
  public func row<Value>(_ read: (borrowing SQLiteRow) -> Value) throws -> Value {
    defer { sqlite3_reset(handle) }
    guard try step() else { throw SQLiteError(code: SQLITE_DONE, connection: nil) }
    let value = read(SQLiteRow(handle: handle))
    while try step() {}
    return value
  }

  /// Runs a statement, and reads each of its rows.
  public func forEachRow(_ read: (borrowing SQLiteRow) throws -> Void) throws {
    defer { sqlite3_reset(handle) }
    while try step() { try read(SQLiteRow(handle: handle)) }
  }

  /// Binds UTF-8 bytes, which must stay where they are and unchanged until the statement has run.
  public func bind(_ text: UnsafeRawBufferPointer, at position: Int32) throws {
    let bytes = text.baseAddress?.assumingMemoryBound(to: CChar.self)
    try check(sqlite3_bind_text(handle, position, bytes, Int32(text.count), nil))
  }

  public func bind(_ value: Int, at position: Int32) throws {
    try check(sqlite3_bind_int64(handle, position, Int64(value)))
  }

  /// Binds bytes, which must stay where they are and unchanged until the statement has run.
  public func bind(blob: UnsafeRawBufferPointer, at position: Int32) throws {
    try check(sqlite3_bind_blob(handle, position, blob.baseAddress, Int32(blob.count), nil))
  }

  private func step() throws -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    throw SQLiteError(code: code, connection: connection.handle)
  }

  private func check(_ code: Int32) throws {
    if code != SQLITE_OK { throw SQLiteError(code: code, connection: connection.handle) }
  }
}

/// The row that a statement stands on.
public struct SQLiteRow: ~Copyable {
  let handle: OpaquePointer

  public func int(_ column: Int32) -> Int {
    Int(sqlite3_column_int64(handle, column))
  }

  /// The bytes of a blob or of a text, valid until the row is done with.
  public func blob(_ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
  }
}
