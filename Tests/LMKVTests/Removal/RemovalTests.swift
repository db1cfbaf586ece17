import LMKV
import Testing

@Suite struct RemovalTests {
  @Test func `Keys are removed by pattern, prefix, range and limit, and counted`() throws {
    try withFreshStore { store in
      let users = store.scope("users", of: Int.self)
      try store.transaction { tx in
        for letter in ["a", "b", "c"] { for number in 0..<10 { try tx[users].set("\(letter):\(number)", number) } }
      }
      try #expect(users.removeAll(.matching("*:3")) == 3)
      try #expect(users.removeAll(.matching("*:3")) == 0)
      try #expect(users.removeAll(.prefix("a:")) == 9)
      try #expect(users.removeAll(.range("b:0"..<"b:2")) == 2)
      try #expect(users.removeAll(.all.reversed().limited(to: 2)) == 2)
      try #expect(users.removeAll(.all.limited(to: 0)) == 0)
      try #expect(users.removeAll(.all.limited(to: 1)) == 1)
      let expected = ["b:4", "b:5", "b:6", "b:7", "b:8", "b:9", "c:0", "c:1", "c:2", "c:4", "c:5", "c:6", "c:7"]
      try #expect(users.keys() == expected)
      try #expect(users.removeAll(.all) == expected.count)
      try #expect(users.isEmpty)
      try #expect(store.scope("absent").removeAll(.prefix("x")) == 0)
      try #expect(store.scopes == ["users"])
    }
  }

  @Test func `Any selection removes what it would have listed, in one go or in steps`() async throws {
    try await withSeed { generator in
      for _ in 0..<30 { try Self.compareWithDictionary(&generator) }
    }
  }

  private static func compareWithDictionary(_ generator: inout SeededGenerator) throws {
    try withFreshStore { store in
      let scope = store.scope("s", of: String.self)
      var model: Set<String> = []
      try store.transaction { tx in
        // Of very different lengths, so that pages split and merge everywhere.
        for _ in 0..<Int.random(in: 0...3_000, using: &generator) {
          let key =
            "\(["a", "b", "c"].randomElement(using: &generator) ?? "")\(Int.random(in: 0..<9_999, using: &generator))"
          let size = Int.random(in: 0...20, using: &generator) == 0 ? 5_000 : Int.random(in: 0...200, using: &generator)
          try tx[scope].set(key, String(repeating: "v", count: size))
          model.insert(key)
        }
      }
      var selection: KeySelection =
        [
          .all, .prefix("a"), .prefix("b1"), .matching("*7"), .matching("?[1-5]*"), .from("b5"), .before("b5"),
          .range("a3"..."c2"),
        ].randomElement(using: &generator) ?? .all
      if Bool.random(using: &generator) { selection = selection.reversed() }
      if Bool.random(using: &generator) {
        selection = selection.limited(to: Int.random(in: 0...500, using: &generator))
      }
      let chosen = try scope.keys(selection)
      let isStepwise = Bool.random(using: &generator)
      let step = Int.random(in: 1...300, using: &generator)
      let removed = try isStepwise ? scope.removeAll(selection, inStepsOf: step) : scope.removeAll(selection)
      #expect(removed == chosen.count)
      let left = model.subtracting(chosen).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      try #expect(scope.keys() == left)
      try #expect(scope.count() == left.count)
    }
  }

  @Test func `Expired entries go too, and do not count`() throws {
    try withFreshStore({ $0.clock = StoreClock { 1_000 } }) { store in
      let scope = store.scope("s", of: Int.self)
      try scope.set("a1", 1)
      try scope.set("a2", 2)
      try putRaw(store, scope: "s", key: Array("a0".utf8), expiry: 1_000)
      try putRaw(store, scope: "s", key: Array("a3".utf8), expiry: 1_001)
      try #expect(scope.removeAll(.prefix("a").limited(to: 2)) == 2)
      try #expect(scope.keys() == ["a3"])
      try #expect(store.scopeInfo("s")?.entries == 1)
      try #expect(scope.clear() == 1)
    }
  }

  @Test func `A removal that fails half-way removes nothing`() throws {
    try withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      for number in 0..<10 { try scope.set("k\(number)", number) }
      #expect(throws: CancellationError.self) {
        try store.transaction { tx in
          try tx[scope].removeAll(.prefix("k"))
          throw CancellationError()
        }
      }
      try #expect(scope.count() == 10)
    }
  }

  @Test func `An iteration goes on behind what is removed under it`() throws {
    try withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      for number in 0..<10 { try scope.set("k\(number)", number) }
      try store.transaction { tx in
        var seen: [String] = []
        for (key, value) in tx[scope] {
          seen.append(key)
          if value == 3 {
            let removed = try tx[scope].removeAll(.range("k2"..."k6"))
            #expect(removed == 5)
          }
        }
        #expect(seen == ["k0", "k1", "k2", "k3", "k7", "k8", "k9"])
      }
    }
  }

  @Test func `Steps let others write in between, and are not of one piece`() async throws {
    try await withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      try await store.async.transaction { tx in for number in 0..<100 { try tx[scope].set("k\(100 + number)", number) }
      }
      let before = try store.read { $0.revision }
      try await #expect(scope.async.removeAll(.matching("*5"), inStepsOf: 10) == 10)
      try #expect(store.read { $0.revision } == before + 10)
      try await #expect(scope.async.removeAll(.matching("*6")) == 10)
      try #expect(store.read { $0.revision } == before + 11)
      await #expect(throws: LMKVError.self) { try await scope.async.removeAll(.all, inStepsOf: 0) }
      try #expect(scope.count() == 80)
    }
  }

  /// The patterns of the DataFlux document.
  @Test func `D5: keys are listed and removed by a wildcard in any place`() throws {
    try withFreshStore { store in
      let users = store.scope("users")
      try users.set("user:user-001", ["name": "User A"])
      try users.set("user:user-002", ["name": "User B"])
      try #expect(users.keys(.matching("user:user-*")) == ["user:user-001", "user:user-002"])
      // The document's example leaves the scope out and shows them; by its own rules there is nothing.
      try #expect(store.defaultScope.keys(.matching("user:user-*")) == [])
      try store.read { snapshot in
        let found = Dictionary(
          uniqueKeysWithValues: snapshot["users"].entries(.matching("*-001")).map { ($0.key, $0.value) }
        )
        #expect(found == ["user:user-001": ["name": "User A"]])
      }
      try #expect(users.removeAll(.matching("*:user-001")) == 1)
      try #expect(users.keys() == ["user:user-002"])
    }
  }
}
