import Foundation
import LMDB
import LMKV
import PowerSimulation

/// Looks at an image of a store: first through LMKV, then from below, then by going on with it.
struct StoreInspection {
  let path: String
  let history: History
  private var question: Question { history.question }

  init(path: String, history: History) {
    self.path = path
    self.history = history
  }

  func inspect() throws {
    let log = try look()
    try checkPages(path, "as found")
    let stamp = Stamp(stream: Work.judge, number: 1)
    try goOn(stamp, log)
    try reopen(log + [stamp])
    try checkPages(path, "after a write")
  }

  private func opened() throws -> Store {
    do {
      var configuration = Store.Configuration()
      configuration.believeEnvironment(history.circumstances)
      configuration.logger = Notes.logger
      return try Store(path: path, configuration: configuration)
    } catch let error as LMKVError {
      throw Fault("unopened: \(error.code): \(error.message)")
    }
  }

  private func look() throws -> [Stamp] {
    let before = size("data.mdb") + 2 * size("redo")
    let store = try opened()
    if history.circumstances.met.contains(.limited), size("data.mdb") > 2 * before + 4 << 20 {
      throw Fault("inflated: recovery made \(size("data.mdb")) bytes out of \(before), log included")
    }
    let log = try read(store) { try history.readLog($0) }
    if !isOther(log), let identity = history.promises.identity(at: question.since),
      identity != (StoreBench(store).identity)
    {
      throw Fault("corrupt: the store has another identity")
    }
    try look(below: store)
    try store.close()
    return log
  }

  private func size(_ name: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.size] as? Int) ?? 0
  }

  private func isOther(_ log: [Stamp]) -> Bool { question.otherStore != nil && log.first?.stream == Work.other }

  /// Reads everything, and compares it with the log.
  private func read(_ store: Store, _ check: ([String: [UInt8]]) throws -> [Stamp]) throws -> [Stamp] {
    var scopes: [String: [String: [UInt8]]] = [:]
    var (total, verbs) = (0, 0)
    try store.read { snapshot in
      let count = try snapshot.scope(Work.verbs, of: Int.self).get(Work.total) ?? 0
      verbs = count
      for name in try snapshot.scopes {
        if name == Work.counters {
          total = try snapshot.scope(name, of: Int.self).get(Work.total) ?? 0
          guard try snapshot.scope(name).count() == 1 else { throw Fault("half: more than one counter") }
          continue
        }
        if name == Work.verbs { continue }
        let scope = snapshot.scope(name)
        var entries: [String: [UInt8]] = [:]
        for (key, value) in scope {
          guard case .bytes(let bytes) = value else { throw Fault("corrupt: \(name)/\(key) is another kind of value") }
          entries[key] = bytes
        }
        guard try scope.count() == entries.count else { throw Fault("corrupt: the count of \(name)") }
        scopes[name] = entries
      }
    }
    let log = try check(scopes.removeValue(forKey: Work.log) ?? [:])
    guard total == log.count else { throw Fault("half: the counter says \(total), the log \(log.count)") }
    try history.compare(scopes, log)
    if !isOther(log), let fault = history.promises.fault(inCount: verbs, question) { throw Fault(fault) }
    return log
  }

  private func goOn(_ stamp: Stamp, _ log: [Stamp]) throws {
    let store = try opened()
    let place = try StoreBench(store).perform(stamp, history.work, isFull: true)
    guard place == log.count + 1 else { throw Fault("corrupt: a new transaction is at \(place) of \(log.count)") }
    try store.close()
  }

  private func reopen(_ expected: [Stamp]) throws {
    let store = try opened()
    let log = try read(store) { entries in
      guard entries.count == expected.count else {
        throw Fault("corrupt: \(entries.count) of \(expected.count) are there again")
      }
      return expected
    }
    guard log == expected else { throw Fault("corrupt: it has another log when opened again") }
    try store.close()
  }

  // MARK: From below

  /// Catalog, heads, headers of entries and the expiry index, as `docs/design.md` has them.
  private func look(below store: Store) throws {
    let environment = try Environment.open(path)
    let names = try environment.databaseNames()
    guard let metadata = try environment.entries("lmkv") else { throw Fault("corrupt: there is no named DB lmkv") }
    guard let head = try environment.read({ try $0.get("\0lmkv", in: environment.mainDatabase) }), head.count == 24
    else {
      throw Fault("corrupt: there is no head")
    }
    let revision = Self.number(head[..<8])
    let catalog = try metadata.mapValues { try CBORDecoder().decode(Value.self, from: $0) }
    guard catalog["format"] == 2, let bound = catalog["revision"]?.int, bound >= revision else {
      throw Fault("corrupt: format or bound of revisions")
    }
    let living = Set(catalog.filter { $0.key.hasPrefix("scope/") }.compactMap(\.value.string))
    let retired = Set(catalog.keys.filter { $0.hasPrefix("retired/") }.map { String($0.dropFirst(8)) })
    guard living.isDisjoint(with: retired), living.union(retired) == Set(names.filter { $0.hasPrefix("scope:") }) else {
      throw Fault("corrupt: the catalog and the named DBs differ")
    }
    let pairs = try indexedPairs(environment)
    for name in living {
      for (key, entry) in try environment.entries(name) ?? [:] {
        guard entry.count > 9, entry[0] == 0x10 || entry[0] == 0x11, Self.number(entry[1..<9]) <= revision else {
          throw Fault("corrupt: the header of \(name) \(key)")
        }
        if entry[0] == 0x11, !pairs.contains("\(Self.number(entry[9..<17])) \(name) \(key)") {
          throw Fault("corrupt: \(name) \(key) expires and is not in the index")
        }
      }
    }
    for name in retired {
      guard try environment.entries(name)?.isEmpty != false else {
        throw Fault("corrupt: retired \(name) is not empty")
      }
    }
    try checkForeign(environment, question.foreign)
  }

  private func indexedPairs(_ environment: Environment) throws -> Set<String> {
    guard let index = try environment.openDatabase("expiry") else { throw Fault("corrupt: there is no expiry index") }
    return try environment.read { transaction in
      var pairs: Set<String> = []
      try transaction.withCursor(in: index) { cursor in
        var isThere = try cursor.first()
        while isThere {
          if let key = try cursor.key(), let value = try cursor.value() {
            let when = Self.number(key[..<8]) ^ 1 << 63
            let list = try CBORDecoder().decode(Value.self, from: value).array ?? []
            for place in stride(from: 0, to: list.count - 1, by: 2) {
              pairs.insert("\(when) \(Self.text(list[place])) \(Self.text(list[place + 1]))")
            }
          }
          isThere = try cursor.next()
        }
      }
      return pairs
    }
  }

  private static func text(_ value: Value) -> String {
    if case .bytes(let bytes) = value { return String(decoding: bytes, as: UTF8.self) }
    return value.string ?? "?"
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
