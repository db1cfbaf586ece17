import LMKV
import Testing

@Suite struct SnapshotTests {
  @Test func `A snapshot sees one state of all scopes, whatever is written meanwhile`() throws {
    try withStore { store throws in
      let (a, b) = (store.scope("a", of: Int.self), store.scope("b", of: Int.self))
      try a.set("x", 1)
      try b.set("x", 1)
      try store.read { snapshot throws in
        let revision = snapshot.revision
        #expect(try snapshot[a].get("x") == 1)
        try a.set("x", 2)
        try a.set("y", 2)
        try b.remove("x")
        try store.scope("c").set("x", 1)
        #expect(try snapshot[a].get("x") == 1)
        #expect(try snapshot[a].get("y") == nil)
        #expect(try snapshot[b].get("x") == 1)
        #expect(try snapshot[a].count() == 1)
        #expect(Array(snapshot[b].keys()) == ["x"])
        #expect(try snapshot.scopes == ["a", "b"])
        #expect(try snapshot["c"].isEmpty)
        #expect(snapshot.revision == revision)
      }
      #expect(try a.get("x") == 2)
      #expect(try !b.contains("x"))
      #expect(try store.scopes == ["a", "b", "c"])
    }
  }

  @Test func `A loop over a snapshot is not disturbed by clearing the scope`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try store.transaction { tx throws in
        for index in 0..<1_000 { try tx[scope].set("\(index)", index) }
      }
      try store.read { snapshot throws in
        var count = 0
        for _ in snapshot[scope] {
          if count == 100 { try scope.clear() }
          if count > 100, count < 150 { try scope.set("new\(count)", 1) }
          count += 1
        }
        #expect(count == 1_000)
      }
      #expect(try scope.count() == 49)
    }
  }

  @Test func `Snapshots nest, and each keeps its state`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("n", 0)
      func descend(_ depth: Int) throws {
        guard depth < 20 else { return }
        try store.read { snapshot throws in
          #expect(try snapshot[scope].get("n") == depth)
          try scope.increment("n")
          try descend(depth + 1)
          #expect(try snapshot[scope].get("n") == depth)
        }
      }
      try descend(0)
      #expect(try scope.get("n") == 20)
    }
  }

  @Test func `An error of the body is thrown unchanged`() throws {
    struct Own: Error, Equatable { let number = 7 }
    try withStore { store throws in
      #expect(throws: Own()) { try store.read { _ in throw Own() } }
      try store.scope("s").set("a", 1)
    }
  }

  @Test func `A snapshot and all that comes from it end with the closure`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try scope.set("b", 1)
      let (snapshot, view, sequence) = try store.read { snapshot in
        (snapshot, snapshot[scope], snapshot[scope].keys())
      }
      expectError(.transactionEnded) { _ = try view.get("a") }
      expectError(.transactionEnded) { _ = try view.count() }
      expectError(.transactionEnded) { _ = try view.contains("a") }
      expectError(.transactionEnded) { _ = try snapshot[scope].get("a") }
      expectError(.transactionEnded) { _ = try snapshot.scopes }
      expectError(.transactionEnded) { try sequence.forEach { _ in } }
    }
  }

  @Test func `A loop that has come to its end may be asked again after the closure`() throws {
    try withStore { store throws in
      try store.scope("s").set("a", 1)
      var iterator = try store.read { snapshot in
        var iterator = snapshot["s"].keys().makeIterator()
        #expect(iterator.next() == "a" && iterator.next() == nil)
        return iterator
      }
      #expect(iterator.next() == nil)
    }
  }

  @Test func `A transaction and all that comes from it end with the closure, committed or not`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      var kept: [Transaction] = []
      try store.transaction { tx throws in
        try tx[scope].set("a", 1)
        kept.append(tx)
      }
      try? store.transaction { tx in
        kept.append(tx)
        throw CancellationError()
      }
      for tx in kept {
        expectError(.transactionEnded) { _ = try tx[scope].get("a") }
        expectError(.transactionEnded) { try tx[scope].set("a", 2) }
        expectError(.transactionEnded) { try tx[scope].remove("a") }
        expectError(.transactionEnded) { try tx[scope].increment("a") }
        expectError(.transactionEnded) { try tx[scope].clear() }
        expectError(.transactionEnded) { try tx.scope("new").set("a", 2) }
        expectError(.transactionEnded) { try tx.savepoint {} }
      }
      #expect(try scope.get("a") == 1)
    }
  }
}
