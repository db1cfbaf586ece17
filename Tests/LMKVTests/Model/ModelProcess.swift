import Foundation
import LMKV
import Testing

/// The second process of a run: it does what it is told, on a clock that it is told, too.
struct ModelProcess {
  let process: DriverProcess

  init(_ path: String) throws {
    process = try DriverProcess("model", path)
    try process.expect("ready")
  }

  /// Gives it a command, and returns its answer: what the verb returned, or the code of its error.
  func ask(_ now: Int64, _ command: [Value]) throws -> Value {
    let line = Value.array([.integer(Int128(now))] + command).json()
    let answer = try #require(try process.ask(line), "the other process has ended")
    return try Value(json: answer)
  }
}

extension ModelRun {
  /// One operation in the other process.
  func useOtherProcess(_ scope: String) throws {
    guard let other else { return }
    try checkingRevision(atMost: 1) {
      let key = key()
      let value = goodValue()
      let (text, length) = (Value.string(key.text), number(1...30))
      let expires = Model.Expiring(
        expiry: .milliseconds(length),
        text: "in \(length) ms",
        moment: model.now + Int64(length),
        keepsFormer: false
      )
      func ask(_ verb: String, _ arguments: Value..., expected: (inout Model) throws -> Value) throws {
        try check("the other process: \(verb) \(scope) \(arguments.map { brief($0) })") {
          try exact(other.ask(clock.now, [.string(verb), .string(scope)] + arguments))
        } _: { model in
          switch Outcome({ try expected(&model) }) {
          case .returned(let value): return try exact(value)
          case .refused(let code): return try exact(["error": .string(code.description)])
          case .undone, .failed: return try exact("failed")
          }
        }
      }
      switch number(0...10) {
      case 0, 1:
        try ask("set", text, value, .integer(Int128(length))) {
          try $0.put(scope, key, value, expires)
          return "done"
        }
      case 2:
        try ask("increment", text) { model in
          let old = try model.living(scope, key).map { try Int.reading($0.value) } ?? 0
          guard old < .max else { throw Model.Refusal(.overflow) }
          let kept = Model.Expiring(expiry: .kept, text: "", moment: .some(nil), keepsFormer: true)
          try model.put(scope, key, (old + 1).modelled, kept)
          return (old + 1).modelled
        }
      case 3: try ask("remove", text) { .bool(try $0.remove(scope, key.checked())) }
      case 4: try ask("get", text) { try $0.living(scope, key).map { ["value": $0.value] } ?? .null }
      case 5: try ask("count") { .integer(Int128($0.ranks(scope).count)) }
      case 6:
        try ask("keys") { model in
          .array(model.ranks(scope).map { .string(pool.keys[$0].text) })
        }
      case 7: try ask("clear") { .integer(Int128($0.clear(scope))) }
      case 8:
        let newName = scopeName()
        try ask("rename", .string(newName)) {
          try $0.renameScope(scope, to: newName)
          return "done"
        }
      case 9: try ask("drop") { .integer(Int128(try $0.dropScope(scope))) }
      default:
        try ask("undone", text, value) { model in
          // What it writes is thrown away, whatever it is.
          var undone = model
          try undone.put(scope, key, value, expires)
          return "undone"
        }
      }
    }
  }
}
