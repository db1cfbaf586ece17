import Foundation
import LMDB
import LMKV
import PowerSimulation

/// Something is not as it must be.
struct Fault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Driver {
  /// As after a start of the machine; with `LMKV_POWER_SAME_BOOT`, as after the loss of the disk alone.
  static func startAnew() {
    if getenv("LMKV_POWER_SAME_BOOT") == nil { setenv("LMKV_BOOT_ID", UUID().uuidString, 1) }
  }

  /// MODE SEED TRACE: reads lines `TICKET OTHERS DIRECTORY`, and answers each with `ok` or what is wrong.
  static func judge(_ arguments: [String]) throws {
    guard let mode = Workload.Mode(rawValue: arguments[0]), let seed = UInt64(arguments[1]) else { exit(2) }
    let history = History(work: Work(seed: seed), promises: Promises(try Trace(arguments[2]), mode.terms))
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, let ticket = UInt64(words[0]), let others = Int(words[1]) else { exit(2) }
      do {
        let path = String(words[2]) + "/store"
        history.others = others
        startAnew()
        if mode.isStore {
          try StoreInspection(path: path, ticket: ticket, history: history).inspect()
        } else {
          try EngineInspection(path: path, ticket: ticket, history: history).inspect()
        }
        say("ok")
      } catch let fault as Fault {
        say(fault.description.replacingOccurrences(of: "\n", with: " "))
      } catch {
        say("error: \(error)".replacingOccurrences(of: "\n", with: " "))
      }
    }
  }
}

/// What a log says that the store holds. Keeps what it computed, since most images share most of their log.
final class History {
  let work: Work
  let promises: Promises
  /// How many transactions there must be besides what the promises say.
  var others = 0
  private var log: [Stamp] = []
  private var models = [Model()]

  init(work: Work, promises: Promises) {
    self.work = work
    self.promises = promises
  }

  func model(of log: [Stamp]) -> Model {
    let shared = zip(log, self.log).prefix { $0 == $1 }.count
    self.log.removeSubrange(shared...)
    models.removeSubrange((shared + 1)...)
    for stamp in log[shared...] {
      var model = models[models.count - 1]
      model.apply(stamp, work)
      self.log.append(stamp)
      models.append(model)
    }
    return models[models.count - 1]
  }

  /// The log out of the entries of its scope.
  func readLog(_ entries: [String: [UInt8]], at ticket: UInt64) throws -> [Stamp] {
    var log: [Stamp] = []
    for place in 0..<entries.count {
      guard let bytes = entries[Work.logKey(place + 1)], bytes.count == 16, let stamp = Stamp(bytes) else {
        throw Fault("corrupt: the log has a hole at \(place + 1) of \(entries.count)")
      }
      log.append(stamp)
    }
    if let fault = promises.fault(in: log, at: ticket, others: others) { throw Fault(fault) }
    return log
  }

  /// Compares the scopes with what the log says.
  func compare(_ scopes: [String: [String: [UInt8]]], _ log: [Stamp]) throws {
    let model = model(of: log)
    for name in Set(scopes.keys).union(model.scopes.keys).sorted() {
      let there = scopes[name] ?? [:]
      let expected = model.scopes[name] ?? [:]
      for (key, item) in expected {
        guard let bytes = there[key] else {
          throw Fault("half: \(name)/\(key) of \(item.stamp) is missing, of \(log.count)")
        }
        if bytes != Work.value(item.stamp, key, size: item.size) {
          let found = Stamp(bytes).map(\.description) ?? "something"
          throw Fault(
            "half: \(name)/\(key) is of \(found) (\(bytes.count) bytes), not of \(item.stamp), of \(log.count)"
          )
        }
      }
      if there.count != expected.count { throw Fault("half: \(name) has \(there.count) keys, not \(expected.count)") }
    }
  }
}

/// Walks the file's pages.
func checkPages(_ path: String, _ when: String) throws {
  let data = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
  if let fault = PageWalk.fault(in: data) { throw Fault("corrupt: \(when): \(fault)") }
}

extension Environment {
  /// All entries of a named DB. Nil when there is none.
  func entries(_ name: String) throws -> [String: [UInt8]]? {
    guard let database = try openDatabase(name) else { return nil }
    return try read { transaction in
      var entries: [String: [UInt8]] = [:]
      let count = try transaction.withCursor(in: database) { cursor in
        var count = 0
        var isThere = try cursor.first()
        while isThere {
          if let key = try cursor.key(), let value = try cursor.value() {
            entries[String(decoding: key, as: UTF8.self)] = value
            count += 1
          }
          isThere = try cursor.next()
        }
        return count
      }
      let promised = Int(try transaction.statistics(of: database).entries)
      guard count == promised, entries.count == count else {
        throw Fault("corrupt: \(name) has not as many entries as it says")
      }
      return entries
    }
  }
}
