internal import GRDB

/// GRDB on SQLite in WAL mode: one pool for each process, which lets one writer of the process at a time to the file.
struct GRDBCounters: SuspendingCounterContender, CounterCaller {
  static let name = "grdb"

  private let pool: DatabasePool
  private let keys: [String]

  init(directory: String, counters: Int, durability: Durability) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(60)
    pool = try DatabasePool(path: directory + "/counters.sqlite", configuration: configuration)
    keys = (0..<counters).map { "counter-\($0)" }
    try pool.writeWithoutTransaction { [keys] database in
      // The pool has set NORMAL when it opened the file.
      try database.execute(sql: "PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL")")
      try database.inTransaction {
        try database.execute(
          sql: "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID"
        )
        for key in keys {
          try database.execute(sql: "INSERT OR IGNORE INTO counters VALUES (?, 0)", arguments: [key])
        }
        return .commit
      }
    }
  }

  func makeCaller() -> any CounterCaller { self }

  func increment(_ counter: Int) throws -> Int {
    try pool.write { try Self.increment(keys[counter], in: $0) }
  }

  func increment(_ counter: Int) async throws -> Int {
    try await pool.write { try Self.increment(keys[counter], in: $0) }
  }

  func sum() throws -> Int {
    try pool.read { try Int.fetchOne($0, sql: "SELECT sum(value) FROM counters") ?? 0 }
  }

  /// Inside the pool's BEGIN IMMEDIATE and COMMIT.
  private static func increment(_ key: String, in database: Database) throws -> Int {
    let update = try database.cachedStatement(
      sql: "UPDATE counters SET value = value + 1 WHERE key = ? RETURNING value"
    )
    guard let value = try Int.fetchOne(update, arguments: [key]) else { throw RecordError.missing(key) }
    return value
  }

  private enum RecordError: Error {
    case missing(String)
  }
}
