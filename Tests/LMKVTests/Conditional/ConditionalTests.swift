import Testing

@testable import LMKV

@Suite("Conditional writes")
struct ConditionalTests {
  @Test("If absent, a value is written, and otherwise the answer is what is there")
  func ifAbsent() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: String.self)
      let revision = try store.read { $0.revision } + 1
      #expect(try scope.setIfAbsent("k", "a") == .applied(revision: revision))
      let entry = try #require(try scope.entry("k"))
      #expect(entry.revision == revision)
      #expect(try scope.setIfAbsent("k", "b") == .refused(current: entry))
      #expect(try scope.get("k") == "a")
    }
  }

  @Test("An expired entry does not block a write that demands absence")
  func expiredIsAbsent() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: String.self)
      try scope.set(["k": "old", "l": "old"], expires: .seconds(1))
      clock.advance(by: .seconds(1))
      #expect(try scope.setIfPresent("k", "new") == .refused(current: nil))
      #expect(try scope.setIfAbsent("k", "new").isApplied)
      #expect(try scope.set("l", "new", ifRevision: nil).isApplied)
      #expect(try scope.getAll().map(\.value) == ["new", "new"])
    }
  }

  @Test("If present, only a living entry is overwritten")
  func ifPresent() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      #expect(try scope.setIfPresent("k", 1) == .refused(current: nil))
      #expect(try !scope.contains("k"))
      try scope.set("k", 1)
      #expect(try scope.setIfPresent("k", 2).isApplied)
      #expect(try scope.get("k") == 2)
    }
  }

  @Test("A revision that is no longer the entry's is refused, with the entry as it is now")
  func revision() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1)
      let read = try #require(try scope.entry("k"))
      try scope.set("k", 2)
      guard case .refused(let current?) = try scope.set("k", 3, ifRevision: read.revision) else {
        Issue.record("a stale revision was accepted")
        return
      }
      #expect(current.value == 2)
      #expect(try !scope.remove("k", ifRevision: read.revision).isApplied)
      #expect(try !scope.set("k", 3, ifRevision: nil).isApplied)
      #expect(try scope.set("k", 3, ifRevision: current.revision).isApplied)
      #expect(try scope.get("k") == 3)
      let last = try #require(try scope.entry("k"))
      #expect(try scope.remove("k", ifRevision: last.revision).isApplied)
      #expect(try scope.remove("k", ifRevision: last.revision) == .refused(current: nil))
      #expect(try scope.set("k", 4, ifRevision: last.revision) == .refused(current: nil))
    }
  }

  @Test("A removed and rewritten key, and a touched one, have another revision")
  func revisionsDiffer() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1)
      let first = try #require(try scope.entry("k")).revision
      try scope.remove("k")
      try scope.set("k", 1)
      #expect(try !scope.set("k", 9, ifRevision: first).isApplied)
      let second = try #require(try scope.entry("k")).revision
      try scope.touch("k", expires: .seconds(1))
      #expect(try !scope.set("k", 9, ifRevision: second).isApplied)
    }
  }

  @Test("A stale revision is refused after a transaction that wrote the key twice")
  func twiceInOneTransaction() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1)
      let stale = try #require(try scope.entry("k")).revision
      try store.transaction { (tx) throws in
        try tx[scope].set("k", 2)
        try tx[scope].set("k", 1)
      }
      #expect(try !scope.set("k", 9, ifRevision: stale).isApplied)
      try scope.set([("k", 5), ("k", 1)])
      #expect(try !scope.set("k", 9, ifRevision: stale).isApplied)
      #expect(try scope.get("k") == 1)
    }
  }

  @Test("Compare-and-set by value takes an equal value for the same, and no other")
  func value() throws {
    try withClockedStore { (store, _) throws in
      let owners = store.scope("locks", of: String.self)
      try owners.set("job", "ada")
      #expect(try !owners.set("job", "bob", ifValue: "eve").isApplied)
      #expect(try !owners.remove("job", ifValue: "bob").isApplied)
      #expect(try owners.set("job", "bob", ifValue: "ada").isApplied)
      #expect(try owners.remove("job", ifValue: "bob").isApplied)
      #expect(try owners.remove("job", ifValue: "bob") == .refused(current: nil))
      #expect(try owners.set("job", "bob", ifValue: "ada") == .refused(current: nil))

      let values = store.scope("values")
      try values.set("k", ["a": 1, "b": 2])
      #expect(try !values.set("k", 1, ifValue: ["a": 1.0, "b": 2]).isApplied)
      #expect(try values.set("k", .null, ifValue: ["b": 2, "a": 1]).isApplied)
      #expect(try values.set("k", "", ifValue: .null).isApplied)
    }
  }

  @Test("Many compare-and-sets at once lose no increment")
  func contention() async throws {
    try await withClockedStore { (store, _) async throws in
      let scope = store.scope("s", of: Int.self)
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask {
            for _ in 0..<50 {
              while true {
                let entry = try scope.entry("k")
                let result = try await scope.async.set("k", (entry?.value ?? 0) + 1, ifRevision: entry?.revision)
                if result.isApplied { break }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try scope.get("k") == 400)
    }
  }

  @Test("A condition on what is of another type throws, and changes nothing")
  func otherType() throws {
    try withClockedStore { (store, _) throws in
      try store.scope("s").set("k", "text")
      let numbers = store.scope("s", of: Int.self)
      let error = #expect(throws: LMKVError.self) { try numbers.set("k", 1, ifValue: 2) }
      #expect(error?.code == .typeMismatch)
      #expect(throws: LMKVError.self) { try numbers.setIfAbsent("k", 1) }
      #expect(throws: LMKVError.self) { try numbers.take("k") }
      #expect(throws: LMKVError.self) { try numbers.exchange("k", 1) }
      #expect(try store.scope("s").get("k") == "text")
    }
  }

  @Test("Every conditional method does the same inside a transaction, on its own writes")
  func inTransaction() throws {
    try withClockedStore { (store, _) throws in
      try store.transaction { (tx) throws in
        let scope = tx.scope("s", of: Int.self)
        #expect(try scope.setIfAbsent("k", 1).isApplied)
        #expect(try !scope.setIfAbsent("k", 2).isApplied)
        #expect(try scope.setIfPresent("k", 3).isApplied)
        #expect(try scope.set("k", 4, ifValue: 3).isApplied)
        #expect(try scope.exchange("k", 5) == 4)
        #expect(try scope.take("k") == 5)
        #expect(try scope.take("k") == nil)
        #expect(try scope.exchange("k", 6) == nil)
      }
      #expect(try store.scope("s", of: Int.self).get("k") == 6)
    }
  }
}
