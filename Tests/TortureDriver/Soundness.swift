import Foundation
import LMDB
import LMKV
import PowerSimulation

/// Looks at a store that nobody has open: through LMKV, from below as `docs/design.md` has it, and page by page.
enum Soundness {
  static func check(_ path: String, _ configuration: Store.Configuration) throws {
    try sweep(path, configuration)
    try lookBelow(path)
    let data = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
    if let fault = PageWalk.fault(in: data) { throw Fault("corrupt: \(fault)") }
    let store = try Store(path: path, configuration: configuration)
    let before = try store.read { $0.revision }
    try store.scope("judge", of: Int.self).increment("n")
    guard try store.read({ $0.revision }) == before + 1 else { throw Fault("the revision is not one more") }
    try store.close()
    let again = try Store(path: path, configuration: configuration)
    guard try again.read({ $0.revision }) == before + 1 else { throw Fault("lost: the judge's own transaction") }
    try again.close()
  }

  /// What expired goes, wholly.
  private static func sweep(_ path: String, _ configuration: Store.Configuration) throws {
    let store = try Store(path: path, configuration: configuration)
    usleep(60_000)
    while try store.sweepExpired().removed > 0 {}
    let left = try store.scope("fleeting").count()
    guard left == 0 else { throw Fault("\(left) entries that expired are left") }
    try store.close()
  }

  private static func lookBelow(_ path: String) throws {
    let environment = try Environment.open(path)
    let names = try environment.databaseNames()
    guard let metadata = try entries("lmkv", environment) else { throw Fault("corrupt: there is no named DB lmkv") }
    guard let head = try environment.read({ try $0.get("\0lmkv", in: environment.mainDatabase) }), head.count == 24
    else { throw Fault("corrupt: there is no head") }
    let revision = number(head[..<8])
    let catalog = try metadata.mapValues { try CBORDecoder().decode(Value.self, from: $0) }
    guard catalog["format"] == 2, let bound = catalog["revision"]?.int, bound >= revision else {
      throw Fault("corrupt: format, or bound of revisions")
    }
    let living = Set(catalog.filter { $0.key.hasPrefix("scope/") }.compactMap(\.value.string))
    let retired = Set(catalog.keys.filter { $0.hasPrefix("retired/") }.map { String($0.dropFirst(8)) })
    guard living.isDisjoint(with: retired), living.union(retired) == Set(names.filter { $0.hasPrefix("scope:") }) else {
      throw Fault("corrupt: the catalog and the named DBs differ")
    }
    for name in living {
      for (key, entry) in try entries(name, environment) ?? [:] {
        guard let first = entry.first, first == 0x10 || first == 0x11, entry.count > (first == 0x11 ? 17 : 9),
          (1...revision).contains(number(entry[1..<9]))
        else { throw Fault("corrupt: the header of \(name) \(key)") }
        _ = try CBORDecoder().decode(Value.self, from: Array(entry[(first == 0x11 ? 17 : 9)...]))
      }
    }
    for name in retired {
      guard try entries(name, environment)?.isEmpty != false else {
        throw Fault("corrupt: retired \(name) is not empty")
      }
    }
    let readers = try environment.readers().filter { $0.transactionID != nil }
    guard readers.isEmpty else { throw Fault("\(readers.count) snapshots of nobody are left open") }
  }

  /// All entries of a named DB. Nil when there is none.
  private static func entries(_ name: String, _ environment: Environment) throws -> [String: [UInt8]]? {
    guard let database = try environment.openDatabase(name) else { return nil }
    return try environment.read { transaction in
      var entries: [String: [UInt8]] = [:]
      try transaction.withCursor(in: database) { cursor in
        var isThere = try cursor.first()
        while isThere {
          if let key = try cursor.key(), let value = try cursor.value() {
            entries[String(decoding: key, as: UTF8.self)] = value
          }
          isThere = try cursor.next()
        }
      }
      guard try transaction.statistics(of: database).entries == entries.count else {
        throw Fault("corrupt: \(name) has not as many entries as it says")
      }
      return entries
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
