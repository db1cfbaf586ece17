import Harness
internal import SQLite

/// SQLite: a column for the expiry, with an index on it.
final class SQLiteSweep: SweepStore {
  static let name = SQLiteStore.name

  private let connection: SQLiteConnection
  private let insert: SQLiteStatement
  private let delete: SQLiteStatement
  private let entries: EntrySet
  private var now = 1_800_000_000_000

  init(directory: String, entries: EntrySet) throws {
    connection = try .mapped(in: directory)
    try connection.execute(
      "CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, expiry INTEGER) WITHOUT ROWID"
    )
    try connection.execute("CREATE INDEX expiries ON entries (expiry)")
    insert = try connection.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)")
    delete = try connection.prepare("DELETE FROM entries WHERE expiry <= ?")
    self.entries = entries
    try put(0..<entries.count, expiry: now + 86_400_000)
  }

  func expireBatch() throws {
    now += 10
    try put(entries.sample[entries.batch(0)], expiry: now)
  }

  func sweep() throws -> Int {
    try delete.bind(now, at: 1)
    try delete.run()
    return connection.changes
  }

  private func put(_ positions: some Sequence<Int>, expiry: Int) throws {
    try connection.transaction {
      for position in positions {
        try entries.keys[EntrySet.key(position)].withUnsafeBytes { key in
          try entries.value(at: position).withUnsafeBytes { value in
            try insert.bind(key, at: 1)
            try insert.bind(blob: value, at: 2)
            try insert.bind(expiry, at: 3)
            try insert.run()
          }
        }
      }
    }
  }
}
