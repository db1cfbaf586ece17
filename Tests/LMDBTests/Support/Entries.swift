import LMDB
import Testing

extension Environment {
  /// A database called "main", made if need be.
  func database(_ options: Database.Options = []) throws -> Database {
    try write { try $0.createDatabase("main", options) }
  }

  func put(_ value: String, for key: String, in database: Database) throws {
    try write { try $0.put(value, for: key, in: database) }
  }

  func text(_ key: String, in database: Database) throws -> String? {
    try read { try $0.text(key, in: database) }
  }
}

extension Transaction where Self: ~Copyable {
  func text(_ key: String, in database: Database) throws -> String? {
    try get(key, in: database).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Cursor {
  func keyText() throws -> String? {
    try key().map { String(decoding: $0, as: UTF8.self) }
  }

  func valueText() throws -> String? {
    try value().map { String(decoding: $0, as: UTF8.self) }
  }

  /// The keys of a range, in the order of the walk.
  func keys(in range: KeyRange = .all, reversed: Bool = false) throws -> [String] {
    var keys: [String] = []
    try forEach(in: range, reversed: reversed) { key, _ in
      keys.append(text(key))
      return true
    }
    return keys
  }
}

func text(_ bytes: RawSpan) -> String {
  String(decoding: bytes.withUnsafeBytes { Array($0) }, as: UTF8.self)
}

/// The code of the error that a body throws. Records an issue when it throws none, or another kind.
func code(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) -> LMDBError.Code? {
  do {
    try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch let error as LMDBError {
    #expect(!error.description.isEmpty)
    return error.code
  } catch {
    Issue.record("\(error)", sourceLocation: sourceLocation)
  }
  return nil
}

/// The error that a body throws. `#expect(throws:)` cannot take closures that use a transaction from outside.
func thrown(_ body: () throws -> Void) -> (any Error)? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}

extension LMDBError.Code {
  static func system(_ number: Int32) -> Self { Self(rawValue: number) }
}
