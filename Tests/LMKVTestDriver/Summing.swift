import Foundation
import LMKV

extension Driver {
  /// TIMES THREADS TASKS: as many threads and tasks increment one counter durably, each as often, and say every sum.
  static func sums(_ path: String, _ arguments: [String]) async throws {
    let store = try Store(path: path)
    let counters = store.scope("counters", of: Int.self)
    let times = number(arguments, 0)
    try await withThrowingTaskGroup { group in
      for _ in 0..<number(arguments, 1) {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread {
              continuation.resume(with: Result { for _ in 0..<times { say("\(try counters.increment("n"))") } })
            }
            .start()
          }
        }
      }
      for _ in 0..<number(arguments, 2) {
        group.addTask { for _ in 0..<times { say("\(try await counters.async.increment("n"))") } }
      }
      try await group.waitForAll()
    }
    try store.close()
  }

  /// Increments durably for each line that it reads, and says the sum.
  static func obeyDurably(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    say("ready")
    while readLine() != nil { say("\(try store.scope("counters", of: Int.self).increment("n"))") }
    try store.close()
  }

  /// NAME: sets keys of its own until the store takes no more, and says each key after its sign: + or -.
  static func fill(_ path: String, _ arguments: [String]) throws {
    var configuration = Store.Configuration()
    configuration.maxSize = 1 << 20
    let store = try Store(path: path, configuration: configuration)
    let scope = store.scope("filled", of: [UInt8].self)
    var (number, failures) = (0, 0)
    while failures < 10 {
      number += 1
      let key = "\(arguments[0])-\(number)"
      do {
        try scope.set(key, [UInt8](repeating: 1, count: 1_900))
        say("+\(key)")
      } catch let error as LMKVError where error.code == .storeFull {
        say("-\(key)")
        failures += 1
      }
    }
    try store.close()
  }

  /// NAME TIMES: sets, removes and increments keys of its own, and checks each answer, and that each error is its own and
  /// changes nothing.
  static func verbs(_ path: String, _ arguments: [String]) throws {
    let (name, times) = (arguments[0], number(arguments, 1))
    let store = try Store(path: path)
    let texts = store.scope("texts", of: String.self)
    let small = store.scope("small", of: Int8.self)
    let numbers = store.scope("texts", of: Int.self)
    func check(_ isSo: Bool, _ what: String) {
      if !isSo {
        say("wrong: \(what)")
        exit(1)
      }
    }
    func check(_ code: LMKVError.Code, _ body: () throws -> Void) throws {
      do {
        try body()
        check(false, "no \(code)")
      } catch let error as LMKVError {
        check(error.code == code, "\(error)")
        // In the words of the verb itself.
        check(error.message.contains(code == .overflow ? "Int8" : name), error.message)
      }
    }
    let long = name + String(repeating: "x", count: 600)
    for round in 0..<times {
      let key = "\(name)-\(round % 7)"
      try texts.set(key, "\(round)")
      check(try texts.get(key) == "\(round)", "what was set is there")
      try check(.typeMismatch) { try numbers.increment(key) }
      check(try texts.remove(key), "it was there")
      check(try !texts.remove(key), "it was gone")
      check(try texts.get(key) == nil, "it is gone")
      try texts.set(key, "new", expires: .hours(1))
      check(try texts.entry(key)?.expires != nil, "it expires")
      try small.set(name, 126)
      check(try small.increment(name) == 127, "the sum")
      try check(.overflow) { try small.increment(name) }
      check(try small.get(name) == 127, "nothing is written")
      try check(.keyTooLong) { try texts.set(long, "") }
      try store.scope("\(name)-\(round % 3)", of: Int.self).increment("n")
    }
    try store.close()
    say("right")
  }
}
