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

  /// TIMES: as many transactions with a timeout that none of them reaches. Says by how many KB the process has grown.
  static func timeouts(_ path: String, _ arguments: [String]) async throws {
    let store = try Store(path: path, configuration: .init(durability: .relaxed()))
    func transactions(_ count: Int) async throws {
      for number in 0..<count {
        try await store.async.transaction(timeout: .seconds(600)) { try $0["s"].set("n", .integer(Int128(number))) }
      }
    }
    // What grows with the first ones only is not meant.
    try await transactions(10_000)
    let before = residentKilobytes
    try await transactions(number(arguments, 0))
    say("\(residentKilobytes - before)")
    try store.close()
  }

  private static var residentKilobytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (status.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
      / 1_024
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
