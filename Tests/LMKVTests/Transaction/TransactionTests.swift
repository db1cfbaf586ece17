import Foundation
import LMDB
import LMKV
import Testing

@Suite struct TransactionTests {
  struct Own: Error, Equatable { let number: Int }

  @Test func `A transaction over several scopes happens at once`() throws {
    try withStore(.init(), .soundToOthers) { store throws in
      let result = try store.transaction { tx in
        for name in ["a", "b", "c"] { try tx[name].set("key", .string(name)) }
        return try tx["b"].get("key")
      }
      #expect(result == "b")
      for name in ["a", "b", "c"] { #expect(try store.scope(name).get("key") == .string(name)) }
      let revisions = try ["a", "b", "c"].map { try store.scope($0).entry("key")?.revision }
      #expect(Set(revisions).count == 1)
    }
  }

  @Test func `A throw undoes everything and is rethrown unchanged`() throws {
    try withStore(.init(), .soundToOthers) { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("kept", 1)
      try scope.set("deleted", 2)
      let before = try store.read { $0.revision }
      #expect(throws: Own(number: 7)) {
        try store.transaction { tx throws in
          try tx[scope].set("kept", 10)
          try tx[scope].set("new", 10)
          try tx[scope].remove("deleted")
          try tx["other"].set("a", 1)
          try tx["another"].set("a", 1)
          throw Own(number: 7)
        }
      }
      #expect(try scope.get("kept") == 1)
      #expect(try scope.get("deleted") == 2)
      #expect(try !scope.contains("new"))
      #expect(try store.scopes == ["s"])
      #expect(try store.scope("other").get("a") == nil)
      #expect(try store.read { $0.revision } == before)
      #expect(throws: Own(number: 8)) {
        try store.transaction { tx throws in
          try tx[scope].clear()
          throw Own(number: 8)
        }
      }
      #expect(try scope.count() == 2)
      // The scope whose creation was undone can be created for good.
      try store.scope("other").set("a", 2)
      #expect(try store.scope("other").get("a") == 2)
    }
  }

  @Test func `A transaction reads its own writes`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("old", 1)
      try store.transaction { tx throws in
        let view = tx[scope]
        try view.set("new", 2)
        try view.remove("old")
        #expect(try view.get("new") == 2)
        #expect(try view.get("old") == nil)
        #expect(try view.count() == 1)
        #expect(try view.increment("new", by: 3) == 5)
        #expect(Array(view.keys()) == ["new"])
        try tx["fresh"].set("a", true)
        #expect(try tx["fresh"].get("a") == true)
        #expect(try tx.scopes == ["fresh", "s"])
        // Nobody else sees anything yet.
        try onOtherThread {
          try #require(scope.get("old") == 1)
          try #require(scope.get("new") == nil)
          try #require(store.scopes == ["s"])
        }
      }
      #expect(try scope.get("new") == 5)
    }
  }

  @Test func `The revision rises by one with each commit that changed something`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      func revision() throws -> UInt64 { try store.read { $0.revision } }
      let start = try revision()
      try scope.set("a", 1)
      #expect(try revision() == start + 1)
      try store.transaction { tx throws in
        for index in 0..<10 { try tx[scope].set("\(index)", index) }
      }
      #expect(try revision() == start + 2)
      #expect(try scope.entry("3")?.revision == start + 2)
      #expect(try scope.entry("a")?.revision == start + 1)
      try store.transaction { tx throws in
        _ = try tx[scope].get("a")
        try tx[scope].remove("absent")
      }
      try scope.remove("absent")
      try store.scope("missing", of: Int.self).clear()
      try store.transaction { _ in }
      try store.transaction { tx throws in
        try? tx.savepoint {
          try tx[scope].set("undone", 1)
          throw Own(number: 1)
        }
      }
      #expect(try revision() == start + 2)
      try scope.clear()
      #expect(try revision() == start + 3)
      try scope.clear()
      #expect(try revision() == start + 3)
    }
  }

  @Test func `Revisions go on over thousands of commits and a reopening`() throws {
    try withStorePath(.soundToOthers) { path in
      var last: UInt64 = 0
      for _ in 0..<3 {
        let store = try Store(path: path, configuration: .init(durability: .relaxed()))
        #expect(try store.read { $0.revision } == last)
        for _ in 0..<3_000 { try store.scope("s", of: Int.self).increment("n") }
        last += 3_000
        #expect(try store.read { $0.revision } == last)
        try store.close()
      }
    }
  }

  @Test func `A transaction inside a transaction is an error, and so are the verbs that begin one`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try store.transaction { tx throws in
        try tx[scope].set("a", 2)
        expectError(.nestedTransaction) { try store.transaction { _ in } }
        expectError(.nestedTransaction) { try scope.set("a", 3) }
        expectError(.nestedTransaction) { try scope.remove("a") }
        expectError(.nestedTransaction) { try scope.clear() }
        expectError(.nestedTransaction) { try scope.increment("a") }
        expectError(.nestedTransaction) { try tx.savepoint { try scope.set("a", 3) } }
        try tx[scope].increment("a")
      }
      #expect(try scope.get("a") == 3)
    }
  }

  @Test func `A transaction on another store may be inside`() throws {
    try withStore { outer in
      try withStore { inner in
        try outer.transaction { tx in
          try tx["s"].set("a", 1)
          try inner.transaction { try $0["s"].set("a", 2) }
        }
        #expect(try outer.scope("s").get("a") == 1)
        #expect(try inner.scope("s").get("a") == 2)
      }
    }
  }

  @Test func `A scope of another store is refused in a transaction, also one of a copy of the store`() throws {
    try withStorePath { path in
      let copyPath = path + "-copy"
      let store = try Store(path: path)
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try FileManager.default.createDirectory(atPath: copyPath, withIntermediateDirectories: false)
      try Environment.open(path).copy(to: copyPath + "/data.mdb")
      let copy = try Store(path: copyPath)
      #expect(copy.uuid == store.uuid)
      // Makes the handles of the two differ.
      try copy.createScope("r")
      try copy.scope("s", of: Int.self).set("a", 2)
      for wrong in [copy.scope("s", of: Int.self), copy.scope("r", of: Int.self)] {
        expectError(.invalidArgument, naming: wrong.name) { try store.transaction { try $0[wrong].set("a", 3) } }
        expectError(.invalidArgument, naming: wrong.name) { _ = try store.read { try $0[wrong].get("a") } }
      }
      #expect(try scope.get("a") == 1)
      // A second Store on the same files is the same store.
      let again = try Store(path: path).scope("s", of: Int.self)
      try store.transaction { try $0[again].set("a", 4) }
      #expect(try scope.get("a") == 4)
      try copy.close()
      try store.close()
    }
  }

  @Test func `Relaxed commits are there at once, and after closing`() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      let scope = store.scope("s", of: Int.self)
      try store.transaction(durability: .relaxed(flushEvery: .milliseconds(1))) { try $0[scope].set("a", 1) }
      #expect(try scope.get("a") == 1)
      try store.transaction(durability: .relaxed(flushEvery: .seconds(3_600))) { try $0[scope].set("b", 2) }
      try scope.set("c", 3)
      try store.close()
      let again = try Store(path: path)
      #expect(try again.scope("s", of: Int.self).count() == 3)
      try again.close()
    }
  }

  @Test func `Threads increment without losing one`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let counters = store.scope("c", of: Int.self)
      try await onThreads(8) { _ in
        for _ in 0..<250 { try counters.increment("n") }
      }
      #expect(try counters.get("n") == 2_000)
    }
  }

  @Test func `Readers never see half of a transaction`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let accounts = store.scope("accounts", of: Int.self)
      try await store.async.transaction { tx in
        for index in 0..<10 { try tx[accounts].set("\(index)", 100) }
      }
      try await onThreads(4) { thread in
        for round in 0..<300 {
          if thread < 2 {
            try store.transaction { tx throws in
              try tx[accounts].increment("\(round % 10)", by: -1)
              try tx[accounts].increment("\((round + 3) % 10)", by: 1)
            }
          } else {
            let sum = try store.read { $0[accounts].values().reduce(0, +) }
            #expect(sum == 1_000)
          }
        }
      }
    }
  }
}
