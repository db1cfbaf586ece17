import LMKV
import Testing

@Suite struct KeyTests {
  static let unicode = ["é", "e\u{301}", "日本", "🇩🇪", "a\u{0}b", "\u{1}", " ", "\u{10FFFF}", "A", "a", "Z", "z", "ß"]

  @Test func `Keys are any Unicode, and the same only if their bytes are`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: String.self)
      for key in Self.unicode { try scope.set(key, "of \(Array(key.utf8))") }
      for key in Self.unicode { #expect(try scope.get(key) == "of \(Array(key.utf8))") }
      // Swift takes the composed and the decomposed é for equal, the store does not.
      #expect(try scope.count() == Self.unicode.count)
      try scope.remove("é")
      #expect(try scope.contains("e\u{301}"))
    }
  }

  @Test func `Keys come in the order of their UTF-8`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      for key in Self.unicode.shuffled() { try scope.set(key, 0) }
      let expected = Self.unicode.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
      let keys = try store.read { $0[scope].keys().map { Array($0.utf8) } }
      #expect(keys == expected)
      let reversed = try store.read { $0[scope].keys(.all.reversed()).map { Array($0.utf8) } }
      #expect(reversed == expected.reversed())
    }
  }

  @Test func `A range is one of bytes, and empty where its bounds come the other way round`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      for key in ["e", "e\u{301}", "ez", "f", "é"] { try scope.set(key, 0) }
      func keys(_ selection: KeySelection) throws -> [[UInt8]] {
        try store.read { $0[scope].keys(selection).map { Array($0.utf8) } }
      }
      // To `String` "e\u{301}" is "é", and comes after "f".
      #expect(try keys(.range("e\u{301}"..<"f")) == [Array("e\u{301}".utf8)])
      #expect(try keys(.range("e\u{301}"..."f")) == ["e\u{301}", "f"].map { Array($0.utf8) })
      #expect(try keys(.range("f"..<"é")) == [Array("f".utf8)])
      let (later, earlier) = ("f", "e")
      #expect(try keys(.range(later..<earlier)) == [])
      #expect(try keys(.range(later...earlier)) == [])
    }
  }

  @Test func `Outside of a selection two strings make Swift's own range, which a selection takes too`() throws {
    let theirs = "f"..<"e\u{301}"
    let all = "a"..."z"
    #expect(type(of: theirs) == Range<String>.self && type(of: all) == ClosedRange<String>.self)
    #expect(("a"..."z").contains("q"))
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      for key in ["e", "e\u{301}", "f"] { try scope.set(key, 0) }
      #expect(try scope.count(.range(theirs)) == 0)
      #expect(try scope.count(.range(all)) == 3)
    }
  }

  @Test(arguments: ["k", "é", String(repeating: "k", count: 511), String(repeating: "é", count: 255) + "x"])
  func `A key may have 1 to 511 bytes`(key: String) throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(key, 1)
      try scope.increment(key)
      #expect(try scope.get(key) == 2)
      #expect(try store.read { Array($0[scope]).map(\.key) } == [key])
      #expect(try scope.remove(key))
      #expect(try !scope.contains(key))
    }
  }

  /// Every verb that takes a key.
  static let verbs: [@Sendable (Scope<Int>, String) throws -> Void] = [
    { _ = try $0.get($1) },
    { _ = try $0.get($1, default: 1) },
    { _ = try $0.get($1, as: String.self) },
    { _ = try $0.require($1) },
    { _ = try $0.entry($1) },
    { _ = try $0.contains($1) },
    { try $0.set($1, 1) },
    { try $0.remove($1) },
    { try $0.increment($1) },
  ]

  @Test func `A longer key is an error that names it, its size and the limit`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("other", 1)
      for verb in Self.verbs {
        expectError(.keyTooLong, naming: "long-", "512", "511") {
          try verb(scope, "long-" + String(repeating: "x", count: 507))
        }
        expectError(.keyTooLong, naming: "514", "511") { try verb(scope, String(repeating: "é", count: 257)) }
      }
      #expect(try scope.count() == 1)
    }
  }

  @Test func `An empty key is an error`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("other", 1)
      for verb in Self.verbs { expectError(.emptyKey) { try verb(scope, "") } }
      #expect(try scope.count() == 1)
    }
  }

  @Test func `A wrong key is an error where there is no scope yet, too`() throws {
    try withStore { store throws in
      let scope = store.scope("missing", of: Int.self)
      for verb in Self.verbs { expectError(.emptyKey) { try verb(scope, "") } }
      let scopes = try store.scopes
      #expect(scopes.isEmpty)
    }
  }
}
