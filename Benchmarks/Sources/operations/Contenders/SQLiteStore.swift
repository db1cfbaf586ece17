import Harness
internal import SQLite

/// SQLite in WAL mode: a table clustered by its key, prepared statements.
final class SQLiteStore: EntryStore {
  static let name = "sqlite"

  private let connection: SQLiteConnection
  private let entries: EntrySet
  private let insert: SQLiteStatement
  private let delete: SQLiteStatement

  init(directory: String, entries: EntrySet) throws {
    connection = try .mapped(in: directory)
    try connection.execute("CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
    self.entries = entries
    insert = try connection.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?)")
    delete = try connection.prepare("DELETE FROM entries WHERE key GLOB '\(EntrySet.glob)'")
  }

  func load() throws {
    try put(entries.keys, at: 0..<entries.count) { $0 }
  }

  func withReader(_ body: (any EntryReader) throws -> Void) throws {
    // What was written before is read from the database, as by the others, and not from the log.
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try entries.sampleKeys.withUnsafeBytes { keys in
      let reader = try SQLiteReader(connection, keys)
      try connection.transaction("BEGIN") { try body(reader) }
    }
  }

  func set(_ index: Int) throws {
    let index = index % entries.sample.count
    try entries.sampleKeys.withUnsafeBytes { try insert.write($0, index, entries.value(at: entries.sample[index])) }
  }

  func setBatch(_ index: Int) throws {
    try put(entries.sampleKeys, at: entries.batch(index)) { entries.sample[$0] }
  }

  func removeMatching() throws -> Int {
    try delete.run()
    return connection.changes
  }

  func restoreMatching() throws {
    try put(entries.matchingKeys, at: entries.matching.indices) { entries.matching[$0] }
  }

  private func put(_ keys: [UInt8], at indices: Range<Int>, position: (Int) -> Int) throws {
    try connection.transaction {
      try keys.withUnsafeBytes { keys in
        for index in indices { try insert.write(keys, index, entries.value(at: position(index))) }
      }
    }
  }
}

struct SQLiteReader: EntryReader {
  private let keys: UnsafeRawBufferPointer
  private let select: SQLiteStatement
  private let selectAll: SQLiteStatement
  private let selectRange: SQLiteStatement
  private let selectMatching: SQLiteStatement
  private let countAll: SQLiteStatement

  fileprivate init(_ connection: SQLiteConnection, _ keys: UnsafeRawBufferPointer) throws {
    self.keys = keys
    select = try connection.prepare("SELECT value FROM entries WHERE key = ?")
    selectAll = try connection.prepare("SELECT key, value FROM entries ORDER BY key")
    selectRange = try connection.prepare("SELECT key FROM entries WHERE key >= ? AND key < ? ORDER BY key")
    selectMatching = try connection.prepare("SELECT key FROM entries WHERE key GLOB '\(EntrySet.glob)' ORDER BY key")
    countAll = try connection.prepare("SELECT count(*) FROM entries")
  }

  func get(_ index: Int) throws -> Int {
    try select.bind(UnsafeRawBufferPointer(rebasing: keys[EntrySet.key(index)]), at: 1)
    return try select.row { EntrySet.number(in: $0.blob(0)) }
  }

  func scan() throws -> ScanTotal {
    var total = ScanTotal()
    try selectAll.forEachRow { total.add(keySize: $0.blob(0).count, $0.blob(1)) }
    return total
  }

  func countKeys(ofGroup group: Int) throws -> Int {
    var lower = EntrySet.prefix(ofGroup: group)
    // The colon at the end counts up to the semicolon.
    var upper = String(lower.dropLast()) + ";"
    return try lower.withUTF8 { lower in
      try upper.withUTF8 { upper in
        try selectRange.bind(UnsafeRawBufferPointer(lower), at: 1)
        try selectRange.bind(UnsafeRawBufferPointer(upper), at: 2)
        return try selectRange.countRows()
      }
    }
  }

  func countMatching() throws -> Int {
    try selectMatching.countRows()
  }

  func count() throws -> Int {
    try countAll.row { $0.int(0) }
  }
}

extension SQLiteConnection {
  /// A database in a directory, as much of it mapped as SQLite allows, since everything of the others is mapped.
  static func mapped(in directory: String) throws -> SQLiteConnection {
    let connection = try SQLiteConnection(path: directory + "/entries.sqlite", synchronous: .normal)
    try connection.execute("PRAGMA mmap_size = \(1 << 40)")
    return connection
  }
}

extension SQLiteStatement {
  /// Runs a statement that takes a key, the n-th of these, and a value.
  fileprivate func write(_ keys: UnsafeRawBufferPointer, _ index: Int, _ value: [UInt8]) throws {
    try value.withUnsafeBytes { value in
      try bind(UnsafeRawBufferPointer(rebasing: keys[EntrySet.key(index)]), at: 1)
      try bind(blob: value, at: 2)
      try run()
    }
  }

  fileprivate func countRows() throws -> Int {
    var count = 0
    try forEachRow { count += $0.blob(0).isEmpty ? 0 : 1 }
    return count
  }
}
