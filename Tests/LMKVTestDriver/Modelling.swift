import Foundation
import LMKV
import Synchronization

extension Driver {
  private struct Undone: Error {}

  /// Does what it reads, for the test against a model: in each line an array in JSON, `[NOW, VERB, SCOPE, ARGUMENT…]`,
  /// with NOW in milliseconds for its clock. Answers each with what the verb returned, or with the code of its error.
  static func model(_ path: String, _: [String]) throws {
    let clock = Clock()
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.clock = StoreClock { clock.now.load(ordering: .relaxed) }
    configuration.maxValueSize = 10_000
    let store = try Store(path: path, configuration: configuration)
    say("ready")
    while let line = readLine() {
      guard let words = try Value(json: line).array, words.count >= 3, let now = words[0].int,
        let verb = words[1].string, let scope = words[2].string
      else { exit(64) }
      clock.now.store(Int64(now), ordering: .relaxed)
      say(try answer(store, verb, scope, Array(words[3...])).json())
    }
    try store.close()
  }

  private final class Clock: Sendable {
    let now = Atomic<Int64>(0)
  }

  private static func answer(_ store: Store, _ verb: String, _ name: String, _ rest: [Value]) throws -> Value {
    let scope = store.scope(name)
    let first = rest.first?.string ?? ""
    do {
      switch verb {
      case "set": try scope.set(first, rest[1], expires: .milliseconds(rest[2].int ?? 0))
      case "increment": return .integer(Int128(try scope.increment(first)))
      case "remove": return .bool(try scope.remove(first))
      case "get": return try scope.get(first).map { ["value": $0] } ?? .null
      case "count": return .integer(Int128(try scope.count()))
      case "keys": return .array(try scope.keys().map { .string($0) })
      case "clear": return .integer(Int128(try scope.clear()))
      case "rename": try store.renameScope(name, to: first)
      case "drop": return .integer(Int128(try store.dropScope(name)))
      case "undone":
        try store.transaction { tx in
          try tx[name].set(first, rest[1])
          throw Undone()
        }
      default: exit(64)
      }
      return "done"
    } catch is Undone {
      return "undone"
    } catch let error as LMKVError {
      return ["error": .string(error.code.description)]
    }
  }
}
