import Foundation
import LMKV

extension Driver {
  private static func counters(_ path: String, _ arguments: [String]) throws -> Scope<Int> {
    let durability: Durability = arguments.contains("relaxed") ? .relaxed(flushEvery: .milliseconds(50)) : .full
    let store = try Store(path: path, configuration: .init(durability: durability))
    return store.scope("counters", of: Int.self)
  }

  /// TIMES [relaxed]: increments as often, each in a transaction of its own.
  static func increment(_ path: String, _ arguments: [String]) throws {
    let counters = try counters(path, arguments)
    for _ in 0..<number(arguments, 0) { try counters.increment("n") }
    try counters.store.close()
  }

  /// TIMES [relaxed]: the same from eight tasks at once.
  static func incrementAsync(_ path: String, _ arguments: [String]) async throws {
    let counters = try counters(path, arguments)
    let times = number(arguments, 0)
    try await withThrowingTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for _ in stride(from: task, to: times, by: 8) { try await counters.async.increment("n") }
        }
      }
      try await group.waitForAll()
    }
    try counters.store.close()
  }

  /// TIMES [relaxed]: says `+` before and `-` after each increment, to which a torn write cannot happen.
  static func acknowledge(_ path: String, _ arguments: [String]) throws {
    let counters = try counters(path, arguments)
    for _ in 0..<number(arguments, 0) {
      tell("+")
      try counters.increment("n")
      tell("-")
    }
    try counters.store.close()
    tell(".")
  }

  private static func tell(_ sign: StaticString) {
    _ = write(STDOUT_FILENO, sign.utf8Start, 1)
  }
}
