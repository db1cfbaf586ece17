import Testing

@testable import LMKV

@Suite("Batches")
struct BatchTests {
  @Test("A batch writes all of its entries with one expiry and one revision")
  func set() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["b": 2, "a": 1, "c": 3], expires: .seconds(1))
      let entries = try ["a", "b", "c"].map { try #require(try scope.entry($0)) }
      #expect(entries.map(\.value) == [1, 2, 3])
      #expect(Set(entries.map(\.revision)).count == 1)
      #expect(Set(entries.map(\.expires)).count == 1)
      clock.advance(by: .seconds(1))
      #expect(try scope.getAll().isEmpty)
      try scope.set([String: Int]())
      try scope.set([("z", 1), ("y", 2)])
      #expect(try scope.getAll().map(\.key) == ["y", "z"])
    }
  }

  @Test("Of entries with the same key the last one stays, in small batches and in large ones", arguments: [4, 1_000])
  func lastWins(count: Int) throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set((0..<count).map { ("k\($0 % 3)", $0) })
      #expect(try scope.getAll().map(\.value).sorted() == Array((count - 3)..<count))
    }
  }

  @Test("Keys are read in the order in which they are asked for, absent ones too")
  func get() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["a": 1, "b": 2])
      try scope.set("expired", 3, expires: .seconds(1))
      clock.advance(by: .seconds(1))
      let found = try scope.get(["b", "x", "a", "expired", "b"])
      #expect(found.map(\.key) == ["b", "x", "a", "expired", "b"])
      #expect(found.map(\.value) == [2, nil, 1, nil, 2])
      #expect(try scope.get([String]()).isEmpty)
      #expect(throws: LMKVError.self) { try scope.get(["a", ""]) }
      #expect(try scope.getAll(.matching("*")).map(\.key) == ["a", "b"])
      #expect(try store.read { try $0[scope].getAll(.prefix("b")).map(\.value) } == [2])
    }
  }

  @Test("Absent and null and empty are three things in batches too")
  func nullAndEmpty() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s")
      try scope.set(["null": .null, "empty": ""])
      #expect(try scope.get(["null", "empty", "absent"]).map(\.value) == [.some(.null), .some(""), nil])
      #expect(try scope.count() == 2)
      #expect(try scope.contains("null"))
      #expect(try scope.setIfAbsent(["null": 1, "empty": 1, "absent": 1]) == ["absent"])
      #expect(try scope.get("null", default: "d") == .null)
    }
  }

  @Test("Neighbouring names and keys do not run into each other")
  func separateScopes() throws {
    try withClockedStore { (store, clock) throws in
      let first = store.scope("c", of: Int.self)
      let second = store.scope("b-c", of: Int.self)
      try first.set("a-b", 1, expires: .seconds(1))
      #expect(try second.setIfAbsent("a", 2, expires: .seconds(1)).isApplied)
      #expect(try first.get("a-b") == 1)
      #expect(try second.get("a") == 2)
      #expect(try first.getAll().count == 1)
      try first.remove("a-b")
      #expect(try second.count() == 1)
      clock.advance(by: .seconds(1))
      #expect(try store.sweepExpired().removed == 1)
    }
  }

  @Test("If absent for each key, the answer says which were written, and the first of equal keys counts")
  func ifAbsent() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("b", 1)
      try scope.set("d", 1, expires: .seconds(1))
      clock.advance(by: .seconds(1))
      #expect(try scope.setIfAbsent([("d", 2), ("b", 2), ("a", 2), ("a", 3)]) == ["d", "a"])
      #expect(try scope.getAll().map(\.value) == [2, 1, 2])
      #expect(try scope.setIfAbsent(["a": 9]).isEmpty)
    }
  }

  @Test("If absent for all, one key that is there keeps everything out")
  func allIfAbsent() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["b": 1, "c": 1])
      #expect(try scope.setAllIfAbsent([("c", 2), ("a", 2), ("b", 2)]) == .refused(present: ["c", "b"]))
      #expect(try scope.getAll().map(\.value) == [1, 1])
      try scope.set("c", 1, expires: .seconds(1))
      clock.advance(by: .seconds(1))
      let revision = try store.read { $0.revision } + 1
      #expect(try scope.setAllIfAbsent(["c": 2, "a": 2]) == .applied(revision: revision))
      #expect(try scope.getAll().map(\.value) == [2, 1, 2])
      #expect(try scope.setAllIfAbsent([:]) == .applied(revision: revision))
      #expect(try scope.getAll().count == 3)
    }
  }

  @Test("Removing keys counts those that were there, each once")
  func remove() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["a": 1, "b": 2, "c": 3])
      #expect(try scope.remove(["a", "a", "x", "b"]) == 2)
      #expect(try scope.getAll().map(\.key) == ["c"])
      #expect(try scope.remove([String]()) == 0)
      #expect(throws: LMKVError.self) { try scope.remove(["c", ""]) }
      #expect(try scope.contains("c"))
    }
  }

  @Test("A batch that fails writes nothing, in its own transaction and in one whose body catches the error")
  func failing() throws {
    let long = String(repeating: "k", count: 512)
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("there", 1, expires: .seconds(9))
      let index = try store.indexedEntries()
      let batches: [(TransactionScope<Int>) throws -> Void] = [
        { try $0.set([("a", 1), ("there", 2), (long, 3)], expires: .seconds(1)) },
        { try $0.set((0..<100).map { ("k\($0)", $0) } + [("", 1)]) },
        { try $0.setIfAbsent([("a", 1), (long, 3)]) },
        { try $0.setAllIfAbsent([("a", 1), (long, 3)]) },
        { try $0.remove(["there", long]) },
        { try $0.touch(["there", long], expires: .seconds(2)) },
        { try $0.set(["a": 1], expires: .seconds(-1)) },
      ]
      for batch in batches {
        #expect(throws: LMKVError.self) { try store.transaction { tx in try batch(tx[scope]) } }
        try store.transaction { tx in
          try tx[scope].set("before", 1)
          #expect(throws: LMKVError.self) { try batch(tx[scope]) }
          try tx[scope].set("after", 1)
        }
        #expect(try scope.getAll().map(\.key) == ["after", "before", "there"])
        #expect(try scope.get("there") == 1)
        #expect(try store.indexedEntries() == index)
      }
      #expect(throws: LMKVError.self) { try scope.set([("a", 1), (long, 1)]) }
      #expect(throws: LMKVError.self) { try scope.setIfAbsent([("a", 1), (long, 1)]) }
      #expect(try !scope.contains("a"))
    }
  }

  @Test("A batch into a new scope that fails leaves no scope")
  func failingNewScope() throws {
    try withClockedStore { (store, _) throws in
      try store.transaction { tx in
        #expect(throws: LMKVError.self) { try tx.scope("new", of: Int.self).set([("a", 1), ("", 1)]) }
        try tx.scope("other", of: Int.self).set(["a": 1], expires: .seconds(1))
      }
      #expect(try store.scopes == ["other"])
      try store.scope("new", of: Int.self).set(["a": 1])
      #expect(try store.scope("new", of: Int.self).count() == 1)
    }
  }

  @Test("A value that cannot be encoded or is too large takes its whole batch with it")
  func unencodable() throws {
    struct Refusing: Codable, Sendable {
      var isRefused = false

      func encode(to encoder: any Encoder) throws {
        guard isRefused else { return try true.encode(to: encoder) }
        throw EncodingError.invalidValue(self, .init(codingPath: [], debugDescription: "refused"))
      }

      init(isRefused: Bool) { self.isRefused = isRefused }
      init(from decoder: any Decoder) throws {}
    }
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Refusing.self)
      try store.transaction { tx in
        let error = #expect(throws: LMKVError.self) {
          try tx[scope].set([("a", Refusing(isRefused: false)), ("b", Refusing(isRefused: true))])
        }
        #expect(error?.code == .encodingFailed)
      }
      #expect(try scope.count() == 0)
    }
  }

  @Test("The async methods do the same")
  func async() async throws {
    try await withClockedStore { (store, _) async throws in
      let scope = store.scope("s", of: Int.self).async
      try await scope.set(["a": 1, "b": 2], expires: .seconds(1))
      try await scope.set([("c", 3)])
      #expect(try await scope.get(["c", "x"]).map(\.value) == [3, nil])
      #expect(try await scope.getAll().map(\.value) == [1, 2, 3])
      #expect(try await scope.setIfAbsent(["a": 9, "d": 4]) == ["d"])
      #expect(try await scope.setIfAbsent([("a", 9)]) == [])
      #expect(try await scope.setAllIfAbsent(["a": 9, "e": 5]) == .refused(present: ["a"]))
      #expect(try await scope.setAllIfAbsent([("e", 5)]).isApplied)
      #expect(try await scope.remove(["a", "b", "x"]) == 2)
    }
  }
}
