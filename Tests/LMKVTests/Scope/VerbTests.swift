import LMKV
import Testing

@Suite struct VerbTests {
  @Test func `What is set is there until it is removed`() throws {
    try withStore(.init(), .soundToOthers) { store throws in
      let scope = store.scope("s", of: String.self)
      #expect(try scope.get("a") == nil)
      try scope.set("a", "1")
      try scope.set("a", "2")
      #expect(try scope.get("a") == "2")
      #expect(try scope.contains("a"))
      #expect(try scope.remove("a"))
      #expect(try !scope.remove("a"))
      #expect(try scope.get("a") == nil)
      #expect(try scope.isEmpty)
      #expect(try store.scopes == ["s"])
    }
  }

  @Test func `A missing scope is empty, and reading does not create it`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      #expect(try scope.get("a") == nil)
      #expect(try scope.entry("a") == nil)
      #expect(try scope.get("a", default: 3) == 3)
      #expect(try scope.count() == 0)
      #expect(try scope.isEmpty)
      #expect(try !scope.contains("a"))
      #expect(try !scope.remove("a"))
      #expect(try scope.clear() == 0)
      #expect(try store.read { Array($0[scope]).isEmpty })
      let scopes = try store.scopes
      #expect(scopes.isEmpty)
    }
  }

  @Test func `What must be there and is not is named`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      expectError(.keyNotFound, naming: "\"a\"", "\"s\"") { _ = try scope.require("a") }
      try scope.set("a", 1)
      #expect(try scope.require("a") == 1)
      expectError(.keyNotFound, naming: "\"b\"", "\"s\"") { _ = try scope.require("b") }
    }
  }

  @Test func `Clearing says how many there were, and leaves other scopes alone`() throws {
    try withStore { store throws in
      let (left, right) = (store.scope("left", of: Int.self), store.scope("right", of: Int.self))
      for index in 0..<500 {
        try store.transaction { tx throws in
          try tx[left].set("\(index)", index)
          try tx[right].set("\(index)", -index)
        }
      }
      #expect(try left.clear() == 500)
      #expect(try left.isEmpty)
      #expect(try right.count() == 500)
      #expect(try right.get("7") == -7)
      try left.set("again", 1)
      #expect(try left.count() == 1)
    }
  }

  @Test func `Increments add up, from zero on`() throws {
    try withStore { store throws in
      let counters = store.scope("c", of: Int.self)
      #expect(try counters.increment("n") == 1)
      #expect(try counters.increment("n", by: 41) == 42)
      #expect(try counters.increment("n", by: -50) == -8)
      #expect(try counters.get("n") == -8)
      let doubles = store.scope("d", of: Double.self)
      #expect(try doubles.increment("x", by: 0.5) == 0.5)
      #expect(try doubles.increment("x", by: 0.25) == 0.75)
      let values = store.scope("a")
      #expect(try values.increment("n") == 1)
      #expect(try values.increment("x", by: 0.5) == 0.5)
      #expect(try values.get("n") == 1)
      #expect(try values.get("x") == 0.5)
    }
  }

  @Test func `An overflow is an error and keeps the old value`() throws {
    try withStore { store throws in
      let counters = store.scope("c", of: Int.self)
      try counters.set("max", .max)
      try counters.set("min", .min)
      let before = try counters.entry("max")
      expectError(.overflow, naming: "\"max\"", "\"c\"") { try counters.increment("max") }
      expectError(.overflow, naming: "\"min\"", "\"c\"") { try counters.increment("min", by: -1) }
      #expect(try counters.entry("max") == before)
      #expect(try counters.get("min") == .min)
      let small = store.scope("small", of: UInt8.self)
      try small.set("n", 255)
      expectError(.overflow, naming: "\"n\"", "\"small\"") { try small.increment("n") }
      #expect(try small.get("n") == 255)
      let values = store.scope("a")
      try values.set("n", .integer(Int128(Int.max)))
      expectError(.overflow, naming: "\"n\"", "\"a\"") { try values.increment("n") }
      #expect(try values.get("n") == .integer(Int128(Int.max)))
    }
  }

  @Test func `Only a number of the same kind can be incremented`() throws {
    try withStore { store throws in
      let scope = store.scope("s")
      for (key, value) in [("text", "1"), ("double", 1.5), ("whole", 1.0), ("bool", true), ("null", nil)]
        as [(String, Value)]
      {
        try scope.set(key, value)
        expectError(.typeMismatch, naming: key, "\"s\"") { try scope.increment(key) }
        #expect(try scope.get(key) == value)
      }
      for key in ["text", "bool", "null"] {
        expectError(.typeMismatch, naming: key, "\"s\"") { try scope.increment(key, by: 0.5) }
      }
      // An integer stays an integer, also where the sum would be a whole number.
      try scope.set("integer", 1)
      for amount in [0.5, 1.0] {
        expectError(.typeMismatch, naming: "integer", "\"s\"") { try scope.increment("integer", by: amount) }
        #expect(try scope.get("integer") == 1)
      }
      #expect(try scope.increment("double", by: 0.5) == 2)
      #expect(try scope.get("double") == .double(2))
    }
  }

  @Test func `An entry tells its revision, which every write raises`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      let first = try #require(try scope.entry("a"))
      #expect(first.key == "a" && first.value == 1 && first.expires == nil)
      try scope.set("a", 1)
      let second = try #require(try scope.entry("a"))
      #expect(second.revision == first.revision + 1)
      #expect(try store.read { $0.revision } == second.revision)
    }
  }

  @Test func `Values of every size come back, up to the limit`() throws {
    var configuration = Store.Configuration()
    configuration.maxValueSize = 100_000
    try withStore(configuration, .soundToOthers) { store throws in
      let scope = store.scope("s", of: String.self)
      // A text of more than 65,535 bytes has five bytes in front.
      for size in [0, 1, 1_900, 2_100, 4_096, 99_995] {
        let text = String(repeating: "x", count: size)
        try scope.set("\(size)", text)
        #expect(try scope.get("\(size)") == text)
      }
      let revision = try store.read { $0.revision }
      expectError(.valueTooLarge, naming: "\"big\"", "100001", "100000") {
        try scope.set("big", String(repeating: "x", count: 99_996))
      }
      expectError(.valueTooLarge, naming: "\"0\"") { try scope.set("0", String(repeating: "x", count: 200_000)) }
      #expect(try scope.get("0") == "")
      #expect(try store.read { $0.revision } == revision)
    }
  }

  @Test(arguments: ["", String(repeating: "n", count: 481), "a\u{0}b"])
  func `A wrong name of a scope is an error at its first use`(name: String) throws {
    try withStore { store throws in
      let scope = store.scope(name)
      expectError(.invalidName) { _ = try scope.get("a") }
      expectError(.invalidName) { try scope.set("a", 1) }
      expectError(.invalidName) { try store.transaction { tx in _ = try tx[scope].count() } }
      let scopes = try store.scopes
      #expect(scopes.isEmpty)
    }
  }

  @Test func `A scope's name may be any Unicode, up to 480 bytes`() throws {
    try withStore { store throws in
      let names = ["é", "日本", "a/b", "scope:a", "lmkv", " ", "#2", String(repeating: "n", count: 480)]
      for (index, name) in names.enumerated() { try store.scope(name, of: Int.self).set("index", index) }
      for (index, name) in names.enumerated() {
        #expect(try store.scope(name, of: Int.self).get("index") == index)
      }
      let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(try store.scopes.map { Array($0.utf8) } == sorted.map { Array($0.utf8) })
    }
  }
}
