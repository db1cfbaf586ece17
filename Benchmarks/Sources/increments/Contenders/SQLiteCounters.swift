internal import SQLite

/// SQLite in WAL mode, one connection for each thread, statements prepared once.
struct SQLiteCounters: CounterContender {
  static let name = "sqlite"

  private let path: String
  private let counters: Int
  private let synchronous: SQLiteConnection.Synchronous

  init(directory: String, counters: Int, durability: Durability) throws {
    path = directory + "/counters.sqlite"
    self.counters = counters
    synchronous = durability == .full ? .full : .normal
    try makeMissing()
  }

  func makeCaller() throws -> any CounterCaller {
    try Caller(connection: connect(), counters: counters)
  }

  func sum() throws -> Int {
    try connect().prepare("SELECT sum(value) FROM counters").row { $0.int(0) }
  }

  private func connect() throws -> SQLiteConnection {
    try SQLiteConnection(path: path, synchronous: synchronous)
  }

  private func makeMissing() throws {
    let connection = try connect()
    try connection.execute("BEGIN IMMEDIATE")
    try connection.execute(
      "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID"
    )
    let insert = try connection.prepare("INSERT OR IGNORE INTO counters VALUES (?, 0)")
    for counter in 0..<counters {
      try key(of: counter).withUnsafeBytes { key in
        try insert.bind(key, at: 1)
        try insert.run()
      }
    }
    try connection.execute("COMMIT")
  }

  private struct Caller: CounterCaller {
    private let begin: SQLiteStatement
    private let increment: SQLiteStatement
    private let commit: SQLiteStatement
    private let keys: [[UInt8]]

    init(connection: SQLiteConnection, counters: Int) throws {
      begin = try connection.prepare("BEGIN IMMEDIATE")
      increment = try connection.prepare("UPDATE counters SET value = value + 1 WHERE key = ? RETURNING value")
      commit = try connection.prepare("COMMIT")
      keys = (0..<counters).map(key)
    }

    func increment(_ counter: Int) throws -> Int {
      try begin.run()
      let value = try keys[counter].withUnsafeBytes { key in
        try increment.bind(key, at: 1)
        return try increment.row { $0.int(0) }
      }
      try commit.run()
      return value
    }
  }
}

private func key(of counter: Int) -> [UInt8] {
  Array("counter-\(counter)".utf8)
}
