import Foundation
import LMKV
import Testing

/// Values whose strings Unicode, and so `String`, takes for equal although their bytes differ.
@Suite struct ExactValueTests {
  static let composed = "caf\u{E9}"
  static let decomposed = "cafe\u{301}"

  private func expectExact<T: Codable & Equatable & Sendable>(
    _ stored: T,
    _ alike: T,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withStore { store throws in
      let scope = store.scope("s", of: T.self)
      try scope.set("k", stored)
      #expect(try !scope.set("k", stored, ifValue: alike).isApplied, sourceLocation: sourceLocation)
      #expect(try !scope.remove("k", ifValue: alike).isApplied, sourceLocation: sourceLocation)
      #expect(try scope.set("k", stored, ifValue: stored).isApplied, sourceLocation: sourceLocation)
      #expect(try scope.remove("k", ifValue: stored).isApplied, sourceLocation: sourceLocation)
    }
  }

  @Test func `A condition on the value does not hold for one that only Unicode takes for equal`() throws {
    let (composed, decomposed) = (Self.composed, Self.decomposed)
    try expectExact(decomposed, composed)
    try expectExact(Value.string(decomposed), .string(composed))
    try expectExact(["a": .array([.string(decomposed)])] as Value, ["a": .array([.string(composed)])])
    try expectExact([decomposed], [composed])
    try expectExact(Optional(decomposed), Optional(composed))
    try expectExact([decomposed: 1], [composed: 1])
    try expectExact(["k": [decomposed]], ["k": [composed]])
    try expectExact(Set([decomposed, "b"]), Set([composed, "b"]))
    // Whose order is not always the same.
    let many = Dictionary(uniqueKeysWithValues: (0..<100).map { ("\($0)", $0) })
    try withStore { store throws in
      let scope = store.scope("s", of: [String: Int].self)
      try scope.set("k", many)
      #expect(try scope.set("k", [:], ifValue: many).isApplied)
    }
  }

  @Test func `Values are equal when their bytes are`() {
    let (composed, decomposed) = (Value.string(Self.composed), Value.string(Self.decomposed))
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed, composed]).count == 2)
    #expect([composed: 1] as Value != [decomposed: 1])
    #expect([composed: 1, decomposed: 2] as Value == [decomposed: 2, composed: 1])
    #expect([composed: 1, decomposed: 2] as Value != [decomposed: 1, composed: 2])
  }

  @Test func `A map holds both keys, in the store and in JSON`() throws {
    let map: Value = [.string(Self.composed): 1, .string(Self.decomposed): 2]
    #expect(map.map?.count == 2)
    #expect(map[Self.composed] == 1 && map[Self.decomposed] == 2)
    try withStore { store throws in
      try store.scope("s").set("k", map)
      let stored = try #require(try store.scope("s").get("k"))
      #expect(stored == map && stored.json == map.json)
    }
    #expect(try Value(json: map.json) == map)
    // Whose dictionaries could hold but one of them.
    #expect(try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(map)) == map)
  }

  @Test func `A dictionary that cannot hold both keys is an error that says so`() throws {
    try withStore { store throws in
      try store.scope("s").set("k", [.string(Self.composed): 1, .string(Self.decomposed): 2])
      expectError(.typeMismatch, naming: "\"k\"", Self.composed, "Unicode", "Value") {
        _ = try store.scope("s", of: [String: Int].self).get("k")
      }
    }
  }
}
