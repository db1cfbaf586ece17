internal import CSQLite

/// A connection to a database file. It belongs to the thread that made it.
public final class SQLiteConnection {
  let handle: OpaquePointer

  /// Opens the database, made when it is not there, in WAL mode.
  public init(path: String, synchronous: Synchronous) throws {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle else {
      defer { sqlite3_close_v2(handle) }
      throw SQLiteError(code: code, connection: handle)
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, Self.busyTimeout)
    try execute("PRAGMA journal_mode = WAL")
    try execute("PRAGMA synchronous = \(synchronous.rawValue)")
  }

  deinit {
    sqlite3_close_v2(handle)
  }

  public enum Synchronous: String, Sendable {
    /// A commit is on disk when it returns.
    case full = "FULL"
    /// A power failure may lose the last commits, never consistency.
    case normal = "NORMAL"
  }

  public func execute(_ sql: String) throws {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw SQLiteError(code: code, connection: handle) }
  }

  /// How many rows the last statement has changed.
  public var changes: Int { Int(sqlite3_changes(handle)) }

  /// Runs `body` in a transaction, which is rolled back if it throws.
  public func transaction<R>(_ begin: String = "BEGIN IMMEDIATE", _ body: () throws -> R) throws -> R {
    try execute(begin)
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // A failed COMMIT may have ended the transaction already; the first error is what counts.
      try? execute("ROLLBACK")
      throw error
    }
  }

  public func prepare(_ sql: String) throws -> SQLiteStatement {
    try SQLiteStatement(connection: self, sql: sql)
  }

  /// In milliseconds: long enough that a wait for the lock is measured, never an error.
  private static let busyTimeout: Int32 = 600_000
}
