import LMKV
import Testing

@Suite struct SavepointTests {
  struct Own: Error, Equatable { let number: Int }

  @Test func `A savepoint that throws is undone alone`() throws {
    try withStore(.init(), .soundToOthers) { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("old", 0)
      try store.transaction { tx throws in
        try tx[scope].set("before", 1)
        #expect(throws: Own(number: 3)) {
          try tx.savepoint {
            try tx[scope].set("inside", 2)
            try tx[scope].set("before", 2)
            try tx[scope].remove("old")
            #expect(try tx[scope].get("before") == 2)
            throw Own(number: 3)
          }
        }
        #expect(try tx[scope].get("before") == 1)
        #expect(try tx[scope].get("inside") == nil)
        #expect(try tx[scope].get("old") == 0)
        try tx[scope].set("after", 3)
      }
      #expect(try store.read { Array($0[scope].keys()) } == ["after", "before", "old"])
    }
  }

  @Test func `A savepoint that returns is part of the transaction, and goes with it`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      let value = try store.transaction { tx in
        try tx.savepoint {
          try tx[scope].set("a", 1)
          return "result"
        }
      }
      #expect(value == "result")
      #expect(try scope.get("a") == 1)
      #expect(throws: Own(number: 1)) {
        try store.transaction { tx throws in
          try tx.savepoint { try tx[scope].set("a", 2) }
          throw Own(number: 1)
        }
      }
      #expect(try scope.get("a") == 1)
    }
  }

  @Test func `Savepoints nest, each with its own fate`() throws {
    try withStore(.init(), .soundToOthers) { store throws in
      let scope = store.scope("s", of: Int.self)
      /// At each depth writes one key, and throws where the bit of the depth is set.
      func descend(_ tx: Transaction, _ depth: Int, _ failing: Int) throws {
        guard depth < 4 else { return }
        try? tx.savepoint {
          try tx[scope].set("depth\(depth)", failing)
          try descend(tx, depth + 1, failing)
          try tx[scope].set("back\(depth)", failing)
          if failing & 1 << depth != 0 { throw Own(number: depth) }
        }
      }
      for failing in 0..<16 {
        try store.transaction { tx throws in
          try tx[scope].clear()
          try descend(tx, 0, failing)
        }
        let living = (0..<4).prefix { failing & 1 << $0 == 0 }
        let expected = living.map { "back\($0)" } + living.map { "depth\($0)" }
        #expect(try store.read { Array($0[scope].keys()) } == expected, "\(failing)")
      }
    }
  }

  @Test func `A scope created in a savepoint goes with it, and can be created again`() throws {
    try withStore(.init(), .soundToOthers) { store throws in
      try store.scope("old").set("a", 1)
      try store.transaction { tx throws in
        try tx["first"].set("a", 1)
        for round in 0..<3 {
          try? tx.savepoint {
            try tx["new"].set("round", .integer(Int128(round)))
            try tx["old"].set("a", 2)
            #expect(try tx.scopes == ["first", "new", "old"])
            throw Own(number: round)
          }
          #expect(try tx.scopes == ["first", "old"])
          #expect(try tx["new"].get("round") == nil)
          #expect(try tx["old"].get("a") == 1)
        }
        try tx["second"].set("a", 2)
        try tx.savepoint { try tx["new"].set("round", 3) }
        #expect(try tx["new"].get("round") == 3)
        #expect(try tx["second"].get("a") == 2)
      }
      #expect(try store.scopes == ["first", "new", "old", "second"])
      #expect(try store.scope("new").get("round") == 3)
      #expect(try store.scope("first").get("a") == 1)
      #expect(try store.scope("second").get("a") == 2)
    }
  }

  @Test func `Savepoints leave nothing behind in a store of one scope that is then undone`() throws {
    try withStore { store throws in
      try? store.transaction { tx in
        try tx.savepoint { try tx["new"].set("a", 1) }
        throw Own(number: 1)
      }
      #expect(try store.scope("new").get("a") == nil)
      try store.scope("other").set("a", 2)
      try store.scope("new").set("a", 3)
      #expect(try store.scope("other").get("a") == 2)
      #expect(try store.scope("new").get("a") == 3)
    }
  }
}
