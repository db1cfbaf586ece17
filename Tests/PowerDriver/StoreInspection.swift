import FormatCheck
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
    let environment = try Environment.open(path)
    try StoreLayout(environment).check()
    try checkForeign(environment, question.foreign)
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
}
