import Foundation
import LMDB
import LMKV
import Testing

/// Looks at a store from below, through the engine: whether all of it is as `docs/design.md` says.
struct StoreJudge {
  let path: String
  var mayBeInDoubt = false
  let sourceLocation: SourceLocation

  /// Expects a head, a catalog whose scopes all have their named DBs, and entries with sound headers and values, none
  /// newer than the head.
  func judge() throws {
    let report = try Store.check(path: path)
    let sections = report.sections.filter { !mayBeInDoubt || ["pages", "store"].contains($0.name) }
    #expect(sections.flatMap(\.findings).map(\.message) == [], sourceLocation: sourceLocation)
    let environment = try Environment.open(path)
    let names = try environment.databaseNames()
    let metadata = try #require(
      try environment.openDatabase("lmkv"),
      "there is no named DB \"lmkv\"",
      sourceLocation: sourceLocation
    )
    let databases = try names.map { ($0, try #require(try environment.openDatabase($0))) }
    try environment.read { transaction in
      let head = try #require(
        try transaction.get("\0lmkv", in: environment.mainDatabase),
        "there is no head",
        sourceLocation: sourceLocation
      )
      #expect(head.count == 24, sourceLocation: sourceLocation)
      let revision = number(head[..<8])
      // Names are the same only if their bytes are.
      var catalog: [[UInt8]: Value] = [:]
      try walk(transaction, metadata) { catalog[Array($0.utf8)] = try CBORDecoder().decode(Value.self, from: $1) }
      #expect(catalog[Array("format".utf8)] == 2, sourceLocation: sourceLocation)
      let bound = try #require(
        catalog[Array("revision".utf8)]?.int,
        "there is no bound",
        sourceLocation: sourceLocation
      )
      #expect(UInt64(bound) >= revision, "the bound of revisions is behind", sourceLocation: sourceLocation)
      let scopes = catalog.filter { $0.key.starts(with: "scope/".utf8) }
      let living = Set(scopes.compactMap(\.value.string).map { Array($0.utf8) })
      #expect(living.count == scopes.count, "two scopes share a named DB", sourceLocation: sourceLocation)
      let retired = Set(catalog.keys.filter { $0.starts(with: "retired/".utf8) }.map { Array($0.dropFirst(8)) })
      #expect(living.isDisjoint(with: retired), sourceLocation: sourceLocation)
      let existing = Set(names.map { Array($0.utf8) }.filter { $0.starts(with: "scope:".utf8) })
      #expect(living.union(retired) == existing, "catalog and named DBs differ", sourceLocation: sourceLocation)
      for (name, database) in databases where living.contains(Array(name.utf8)) {
        var count = 0
        try walk(transaction, database) { key, entry in
          count += 1
          try judge(entry, "\(name) \(key)", revision)
        }
        #expect(try transaction.statistics(of: database).entries == count, sourceLocation: sourceLocation)
      }
      for (name, database) in databases where retired.contains(Array(name.utf8)) {
        #expect(try transaction.statistics(of: database).entries == 0, sourceLocation: sourceLocation)
      }
    }
    // Another process that writes may pin one.
    let readers = try environment.readers().filter {
      $0.transactionID != nil && $0.processID == ProcessInfo.processInfo.processIdentifier
    }
    #expect(readers == [], "a snapshot was left open", sourceLocation: sourceLocation)
  }

  private func judge(_ entry: [UInt8], _ key: String, _ revision: UInt64) throws {
    let first = try #require(entry.first, "\(key) is empty", sourceLocation: sourceLocation)
    #expect(first == 0x10 || first == 0x11, "the layout of \(key)", sourceLocation: sourceLocation)
    let size = first == 0x11 ? 17 : 9
    try #require(entry.count > size, "\(key) is cut short", sourceLocation: sourceLocation)
    let own = number(entry[1..<9])
    #expect(own > 0 && own <= revision, "\(key) has revision \(own) of \(revision)", sourceLocation: sourceLocation)
    _ = try CBORDecoder().decode(Value.self, from: Array(entry[size...]))
  }

  private func walk(
    _ transaction: borrowing ReadTransaction,
    _ database: Database,
    _ body: (String, [UInt8]) throws -> Void
  ) throws {
    try transaction.withCursor(in: database) { cursor in
      var isThere = try cursor.first()
      while isThere {
        if let key = try cursor.key(), let value = try cursor.value() {
          try body(String(decoding: key, as: UTF8.self), value)
        }
        isThere = try cursor.next()
      }
    }
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Expects an error of a code, with a sentence that names all of `words`.
func expectError(
  _ code: LMKVError.Code,
  naming words: String...,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  check(#expect(throws: LMKVError.self, sourceLocation: sourceLocation, performing: body), code, words, sourceLocation)
}

/// The same for asynchronous code.
func expectError(
  _ code: LMKVError.Code,
  naming words: String...,
  isolation: isolated (any Actor)? = #isolation,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> Void
) async {
  let error = await #expect(throws: LMKVError.self, sourceLocation: sourceLocation) { try await body() }
  check(error, code, words, sourceLocation)
}

private func check(_ error: LMKVError?, _ code: LMKVError.Code, _ words: [String], _ sourceLocation: SourceLocation) {
  guard let error else { return }
  #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
  for word in words { #expect(error.message.contains(word), sourceLocation: sourceLocation) }
  #expect(error.message.hasSuffix("."), "\(error)", sourceLocation: sourceLocation)
}
