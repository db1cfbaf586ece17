internal import CSQLite

/// SQLite's code and its own sentence.
public struct SQLiteError: Error, CustomStringConvertible {
  public let code: Int32
  public let description: String

  init(code: Int32, connection: OpaquePointer?) {
    self.code = code
    let message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    description = "SQLite: \(message) (\(code))"
  }
}
