import LMKV
import Testing

/// D7, and what DataFlux does that LMKV does not do.
@Suite struct DataFluxTrapTests {
  @Test func `D7: every key that was asked for is in the answer, and asking for none is no mistake`() throws {
    try withFreshStore { store in
      let scope = store.scope("s")
      try scope.set("there", nil)
      let found = try scope.get(["gone", "there"])
      #expect(found.map(\.key) == ["gone", "there"])
      // Absent is nil, null is a value.
      #expect(found[0].value == .none)
      #expect(found[1].value == .some(.null))
      try #expect(scope.get([String]()).isEmpty)
    }
  }

  @Test func `D7: deleting what is not there is silent, and setting again clears the expiry`() throws {
    try withClockedStore { store, clock in
      let scope = store.scope("s")
      try #expect(!scope.remove("gone"))
      try scope.set("k", 1, expires: .seconds(1))
      try scope.set("k", 2)
      clock.advance(by: .seconds(1))
      try #expect(scope.get("k") == 2)
    }
  }

  @Test func `D7: an expiry of zero is a mistake, and no expiry is never`() throws {
    try withClockedStore { store, clock in
      let scope = store.scope("s")
      expectError(.invalidArgument) { try scope.set("k", 1, expires: .seconds(0)) }
      try #expect(!scope.contains("k"))
      try scope.set("k", 1, expires: .never)
      clock.advance(by: .seconds(1_000_000_000))
      try #expect(scope.get("k") == 1)
    }
  }

  @Test func `D7: an entry is gone at its expiry, not a second later`() throws {
    try withClockedStore { store, clock in
      let scope = store.scope("s")
      try scope.set("k", 1, expires: .seconds(1))
      clock.advance(by: .milliseconds(999))
      try #expect(scope.get("k") == 1)
      clock.advance(by: .milliseconds(1))
      try #expect(scope.get("k") == nil)
    }
  }

  @Test func `D7: 256 characters fit in a key and in a scope's name, as long as their bytes do`() throws {
    try withFreshStore { store in
      let ascii = String(repeating: "k", count: 256)
      try store.scope(ascii).set(ascii, 1)
      try #expect(store.scope(ascii).get(ascii) == 1)
      let wide = String(repeating: "水", count: 256)
      expectError(.keyTooLong, naming: "768", "511") { try store.scope("s").set(wide, 1) }
      expectError(.invalidName, naming: "768", "480") { try store.scope(wide).set("k", 1) }
      try #expect(store.scopes == [ascii])
    }
  }

  @Test func `D trap a: an expired entry does not block a write that demands absence`() throws {
    try withClockedStore { store, clock in
      let scope = store.scope("s")
      try scope.set("lock", 1, expires: .seconds(1))
      try #expect(!scope.setIfAbsent("lock", 2).isApplied)
      clock.advance(by: .seconds(1))
      try #expect(scope.setIfAbsent("lock", 2, expires: .seconds(1)).isApplied)
      clock.advance(by: .seconds(1))
      try #expect(scope.setIfAbsent(["lock": 3]) == ["lock"])
      try #expect(scope.get("lock") == 3)
    }
  }

  @Test func `D trap b: a batch is all or nothing, and if absent there are both ways`() throws {
    try withFreshStore { store in
      let scope = store.scope("s")
      expectError(.emptyKey) { try scope.set([("a", 1), ("", 2)]) }
      try #expect(scope.isEmpty)
      try scope.set("b", 0)
      try #expect(scope.setIfAbsent([("a", 1), ("b", 1), ("c", 1)]) == ["a", "c"])
      try #expect(scope.setAllIfAbsent([("b", 2), ("d", 2)]) == .refused(present: ["b"]))
      try #expect(scope.getAll().map(\.value) == [1, 0, 1])
      try #expect(scope.setAllIfAbsent([("d", 2), ("e", 2)]).isApplied)
    }
  }

  @Test func `D trap c: names and keys that look alike when joined are apart`() throws {
    try withFreshStore { store in
      try store.scope("c").set("a-b", 1)
      try store.scope("b-c").set("a", 2)
      try #expect(store.scope("c").get("a-b") == 1)
      try #expect(store.scope("b-c").get("a") == 2)
      try #expect(store.scope("c").get("a") == nil)
      try #expect(store.scope("b-c").keys() == ["a"])
    }
  }

  @Test func `D trap d: of many who demand absence at once one writes`() async throws {
    try await withFreshStore { store in
      let scope = store.scope("s", of: Int.self)
      for round in 0..<20 {
        let written = try await withThrowingTaskGroup { group in
          for task in 0..<8 {
            group.addTask { try await scope.async.setIfAbsent("winner \(round)", task).isApplied }
          }
          return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(written == 1)
      }
    }
  }

  @Test func `D trap e: patterns know upper and lower case, and a backslash takes the meaning away`() throws {
    try withFreshStore { store in
      let scope = store.scope("s")
      try scope.set(["Key": 1, "key": 2, "k*y": 3, #"k\y"#: 4])
      try #expect(scope.keys(.matching("K*")) == ["Key"])
      try #expect(scope.keys(.matching(#"k\*y"#)) == ["k*y"])
      try #expect(scope.keys(.matching(#"k\\y"#)) == [#"k\y"#])
      try #expect(scope.keys(.matching("k_y")) == [])
      try #expect(scope.keys(.matching("k%")) == [])
    }
  }
}
