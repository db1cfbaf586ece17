import Harness
internal import SQLite

/// SQLite in WAL mode: a table clustered by its key, a prepared SELECT.
final class SQLiteEntries: ReadContender {
  static let name = "sqlite"

  private let connection: SQLiteConnection
  private let select: SQLiteStatement
  private let entries: EntrySet

  init(directory: String, entries: EntrySet) throws {
    connection = try SQLiteConnection(path: directory + "/entries.sqlite", synchronous: .normal)
    // As much of the file mapped and cached as SQLite allows, since everything of the other contenders is mapped.
    try connection.execute("PRAGMA mmap_size = \(1 << 40)")
    try connection.execute("CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
    self.entries = entries
    try Self.load(entries, into: connection)
    select = try connection.prepare("SELECT value FROM entries WHERE key = ?")
  }

  func withReader(_ mode: ReadMode, _ body: ((Int) throws -> Int) throws -> Void) throws {
    if mode == .snapshot { try connection.execute("BEGIN") }
    defer { if mode == .snapshot { try? connection.execute("COMMIT") } }
    try entries.shuffledKeys.withUnsafeBytes { keys in
      try body { read in
        try select.bind(entries.key(read, in: keys), at: 1)
        return try select.row { EntrySet.position(in: $0.blob(0)) } ?? -1
      }
    }
  }

  private static func load(_ entries: EntrySet, into connection: SQLiteConnection) throws {
    let insert = try connection.prepare("INSERT INTO entries VALUES (?, ?)")
    try connection.execute("BEGIN IMMEDIATE")
    try entries.sortedKeys.withUnsafeBytes { keys in
      for position in 0..<entries.count {
        try EntrySet.value(at: position).withUnsafeBytes { value in
          try insert.bind(entries.key(position, in: keys), at: 1)
          try insert.bind(blob: value, at: 2)
          try insert.run()
        }
      }
    }
    try connection.execute("COMMIT")
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }
}
