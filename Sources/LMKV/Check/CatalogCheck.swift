internal import Foundation
internal import LMDB

/// Looks at the named DB `lmkv`: what the store says of itself, and which scope lives in which named DB.
///
/// Names are compared as bytes, as keys are.
struct CatalogCheck {
  private var format: Int?
  private var hasIdentity = false
  private var bound: UInt64?
  private var scopes: [(name: String, database: [UInt8])] = []
  private var scopesOfDatabases: [[UInt8]: String] = [:]
  private var retired: Set<[UInt8]> = []

  func scope(of database: [UInt8]) -> String? { scopesOfDatabases[database] }

  /// Takes an entry. Says what is wrong with it by itself.
  mutating func add(
    _ key: UnsafeRawBufferPointer,
    _ value: UnsafeRawBufferPointer,
    _ uuid: inout UUID?,
    _ head: Head?
  ) -> String? {
    guard let key = unsafe String(validating: key, as: UTF8.self) else { return "A key of the catalog is not UTF-8." }
    do {
      switch key {
      case "format":
        format = try unsafe ValueCoding.decode(Int.self, from: value)
        if let format, unsafe !Metadata.readableFormats.contains(format) {
          return unsafe "The store has format \(format); this version of LMKV knows format \(Metadata.format)."
        }
      case "uuid":
        uuid = try unsafe ValueCoding.decode(UUID.self, from: value)
        hasIdentity = true
      case "revision":
        bound = try unsafe ValueCoding.decode(UInt64.self, from: value)
        if let bound, let head, bound < head.revision {
          return "The bound of revisions, \(bound), lies behind the newest one, \(head.revision)."
        }
      default:
        return try unsafe addScope(key, value)
      }
    } catch {
      return "The record \"\(key)\" of the catalog cannot be decoded."
    }
    return nil
  }

  private mutating func addScope(_ key: String, _ value: UnsafeRawBufferPointer) throws -> String? {
    if let name = unsafe Self.rest(of: key, after: Metadata.scopePrefix) {
      let database = Array(try unsafe ValueCoding.decode(String.self, from: value).utf8)
      scopes.append((name, database))
      if let other = scopesOfDatabases.updateValue(name, forKey: database) {
        return "The scopes \"\(other)\" and \"\(name)\" share one named DB."
      }
    } else if let database = unsafe Self.rest(of: key, after: Metadata.retiredPrefix) {
      retired.insert(Array(database.utf8))
      guard unsafe value.elementsEqual([CBOR.nullByte]) else {
        return "The record \"\(key)\" of the catalog is not null."
      }
    } else {
      return "The catalog has a record \"\(key)\", which this version of LMKV does not know."
    }
    return nil
  }

  private static func rest(of key: String, after prefix: String) -> String? {
    key.utf8.starts(with: prefix.utf8) ? String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
  }

  /// What is wrong with the catalog as a whole, each with the named DB that it is about.
  func faults(_ databases: [(name: [UInt8], record: TreeRecord)], _ head: Head?) -> [(database: [UInt8]?, String)] {
    let names = Set(databases.map(\.name))
    let own = unsafe Array(Metadata.databaseName.utf8)
    guard names.contains(own) else {
      return [(nil, "There is no named DB \"lmkv\": the file is not a store of LMKV, or lost what makes it one.")]
    }
    var faults: [(database: [UInt8]?, String)] = []
    if format == nil { faults.append((own, "The store has no format.")) }
    if !hasIdentity { faults.append((own, "The store has no identity (\"uuid\").")) }
    if bound == nil { faults.append((own, "The store has no bound of revisions.")) }
    if unsafe !names.contains(Array(ExpiryIndex.databaseName.utf8)), head != nil {
      faults.append((nil, "There is no index of expiries (the named DB \"expiry\")."))
    }
    for (scope, database) in scopes {
      if !names.contains(database) { faults.append((database, "The scope \"\(scope)\" has lost its named DB.")) }
      if retired.contains(database) { faults.append((database, "The named DB of the scope \"\(scope)\" is retired.")) }
    }
    for (name, record) in databases {
      let title = "The named DB \"\(String(decoding: name, as: UTF8.self))\""
      let kind = OwnDatabase(name)
      if kind != nil, record.flags != 0 {
        faults.append((name, "\(title) has the flags \(record.flags), and should have none."))
      }
      if kind == .scope, scopesOfDatabases[name] == nil, !retired.contains(name) {
        faults.append((name, "\(title), with \(record.entries) entries, belongs to no scope."))
      }
      if retired.contains(name), record.entries > 0 {
        faults.append((name, "\(title) is of a dropped scope, and still has \(record.entries) entries."))
      }
    }
    for name in retired where !names.contains(name) {
      let title = String(decoding: name, as: UTF8.self)
      faults.append((name, "The named DB \"\(title)\" of a dropped scope is not there."))
    }
    return faults
  }
}
