import FormatCheck
import Foundation
import LMDB
import LMKV
import PowerSimulation

extension Driver {
  /// MODE SEED TRACE: reads a ``Question`` from each line, and answers each with a line, an ``Answer``.
  static func judge(_ arguments: [String]) throws {
    guard let mode = Workload.Mode(rawValue: arguments[0]), let seed = UInt64(arguments[1]) else { exit(2) }
    let circumstances = try Circumstances(seed: seed)
    let terms = Promises.Terms(
      interval: mode == .relaxed ? UInt64(Workload.Mode.interval) * 1_000_000 : nil,
      flushesInTime: circumstances.flushesInTime
    )
    let history = History(circumstances, Promises(try Trace(arguments[2]), terms))
    while let line = readLine() {
      let question = try JSONDecoder().decode(Question.self, from: Data(line.utf8))
      var fault: String?
      do {
        let path = question.directory + "/store"
        history.question = question
        setenv("LMKV_BOOT_ID", question.boot, 1)
        if mode.isStore {
          try StoreInspection(path: path, history: history).inspect()
        } else {
          try EngineInspection(path: path, history: history).inspect()
        }
      } catch let found as Fault {
        fault = found.description
      } catch {
        fault = "corrupt: reading or writing it fails: \(error)"
      }
      say(String(decoding: try JSONEncoder().encode(Answer(fault: fault, notes: Notes.take())), as: UTF8.self))
    }
  }
}

/// What a log says that the store holds. Keeps what it computed, since most images share most of their log.
final class History {
  let circumstances: Circumstances
  let work: Work
  let promises: Promises
  /// About the image that is looked at.
  var question = Question(directory: "", ticket: 0, boot: Circumstances.noBoot)
  private var log: [Stamp] = []
  private var models = [Model()]

  init(_ circumstances: Circumstances, _ promises: Promises) {
    self.circumstances = circumstances
    work = circumstances.work
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
  func readLog(_ entries: [String: [UInt8]]) throws -> [Stamp] {
    var log: [Stamp] = []
    for place in 0..<entries.count {
      guard let bytes = entries[Work.logKey(place + 1)], bytes.count == 16, let stamp = Stamp(bytes) else {
        throw Fault("corrupt: the log has a hole at \(place + 1) of \(entries.count)")
      }
      log.append(stamp)
    }
    if let count = question.otherStore, log.first?.stream == Work.other {
      let whole = (1...count).map { Stamp(stream: Work.other, number: $0) }
      guard log == whole else { throw Fault("lost: \(log.count) of \(count) transactions of the other store") }
      return log
    }
    if let fault = promises.fault(in: log, question) { throw Fault(fault) }
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
