import LMKV
import Testing

/// Where the documents contradict each other: what LMKV does. The numbers are those of `docs/seeds.md`.
@Suite struct ContradictionTests {
  @Test func `Contradictions 1, 2, 3: missing, null and empty are three things`() throws {
    try withFreshStore { store in
      let scope = store.scope("s")
      try scope.set(["null": nil, "empty": ""])
      try #expect(scope.keys() == ["empty", "null"])
      try #expect(scope.get("null") == .some(.null))
      try #expect(scope.get("empty") == "")
      try #expect(scope.get("missing") == .none)
      expectError(.keyNotFound, naming: "missing", "s") { _ = try scope.require("missing") }
    }
  }

  @Test func `Contradiction 4: a key is any text of 1 to 511 bytes`() throws {
    try withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      let keys = ["a b", "/.+=:", "\0", "\n", "水", "👩‍👩‍👧", String(repeating: "k", count: 511)]
      for (index, key) in keys.enumerated() { try scope.set(key, index) }
      for (index, key) in keys.enumerated() { try #expect(scope.get(key) == index) }
      expectError(.emptyKey) { try scope.set("", 1) }
      expectError(.keyTooLong, naming: "512", "511") { try scope.set(String(repeating: "k", count: 512), 1) }
    }
  }

  @Test func `Contradiction 5: set ends an expiry, and what changes a value keeps it`() throws {
    try withClockedStore { store, _ in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .seconds(9))
      try scope.increment("k")
      try scope.update("k", default: 0) { $0 += 1 }
      try scope.raise("k", to: 7)
      try #expect(scope.timeToLive("k") == .remaining(.seconds(9)))
      try scope.set("k", 1)
      try #expect(scope.timeToLive("k") == .forever)
    }
  }

  @Test func `Contradiction 7: a transaction has the store to itself`() async throws {
    try await withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      // Read first and written later, with others in between if there could be any.
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask {
            for _ in 0..<25 {
              try await store.async.transaction { tx in
                let old = try tx[scope].get("n", default: 0)
                try tx[scope].set("n", old + 1)
              }
            }
          }
        }
        try await group.waitForAll()
      }
      try #expect(scope.get("n") == 200)
    }
  }

  @Test func `Contradiction 8: keys come in the order of their bytes`() throws {
    try withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      let ordered = ["", "A", "B", "a", "a0", "b", "\u{E9}", "水", "\u{FFFF}", "\u{10000}"].dropFirst()
      for key in ordered.shuffled() { try scope.set(key, 1) }
      try #expect(scope.keys() == Array(ordered))
      try #expect(scope.keys(.all.reversed()) == ordered.reversed())
    }
  }

  @Test func `Contradiction 9: scopes commit together, stores each alone`() throws {
    struct ValueError: Error {}
    try withFreshStore { first in
      try withFreshStore { second in
        #expect(throws: ValueError.self) {
          try first.transaction { tx in
            tx["a"]["k"] = 1
            tx["b"]["k"] = 1
            try second.scope("a").set("k", 1)
            throw ValueError()
          }
        }
        try #expect(first.scopes == [])
        try #expect(second.scope("a").get("k") == 1)
      }
    }
  }

  @Test func `Contradiction 10: a stored map keeps the order in which it was written`() throws {
    try withFreshStore { store in
      let value: Value = ["z": 1, "a": ["y": 1, "b": 2], "m": 3]
      try store.scope("s").set("k", value)
      let read = try store.scope("s").require("k")
      #expect(read.map.map { Array($0.keys) } == ["z", "a", "m"])
      #expect(read.json() == value.json())
    }
  }
}
