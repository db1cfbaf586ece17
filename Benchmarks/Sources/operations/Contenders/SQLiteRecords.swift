internal import Foundation
internal import Records
internal import SQLite

/// SQLite with records as JSON, decoded by Foundation.
final class SQLiteRecords: RecordStore {
  static let name = SQLiteStore.name

  private let select: SQLiteStatement
  private let decoder = JSONDecoder()

  init(directory: String, count: Int) throws {
    let connection = try SQLiteConnection.mapped(in: directory)
    try connection.execute("CREATE TABLE records (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
    let insert = try connection.prepare("INSERT INTO records VALUES (?, ?)")
    let encoder = JSONEncoder()
    try connection.transaction {
      for (key, record) in RecordKeys.samples(count) {
        var key = key
        let json = try encoder.encode(record)
        try key.withUTF8 { key in
          try json.withUnsafeBytes { json in
            try insert.bind(UnsafeRawBufferPointer(key), at: 1)
            try insert.bind(blob: json, at: 2)
            try insert.run()
          }
        }
      }
    }
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    select = try connection.prepare("SELECT value FROM records ORDER BY key")
  }

  func decodeAll() throws -> Int {
    var ages = 0
    try select.forEachRow { row in
      ages += try decoder.decode(Record.self, from: Data(row.blob(0))).author.age
    }
    return ages
  }
}
