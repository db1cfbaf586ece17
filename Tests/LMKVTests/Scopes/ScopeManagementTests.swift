import Foundation
import LMKV
import Testing

@Suite struct ScopeManagementTests {
  @Test func `A scope is created once, and is empty`() throws {
    try withFreshStore { store in
      try store.createScope("a")
      try #expect(store.scopes == ["a"])
      let info = try #require(try store.scopeInfo("a"))
      #expect(info.name == "a" && info.entries == 0 && info.size == 0 && info.database == "scope:a")
      expectError(.scopeExists, naming: "\"a\"") { try store.createScope("a") }
      expectError(.invalidName) { try store.createScope("") }
      expectError(.invalidName) { try store.createScope(String(repeating: "n", count: 481)) }
      try #expect(store.scopeInfo("b") == nil)
    }
  }

  @Test func `D2: the same key in two scopes is two entries`() throws {
    try withFreshStore { store in
      // The DataFlux store confuses the first two.
      for (scope, key) in [("c", "a-b"), ("b-c", "a"), ("x", "k"), ("y", "k")] {
        try store.scope(scope).set(key, .string("\(scope)/\(key)"))
      }
      for (scope, key) in [("c", "a-b"), ("b-c", "a"), ("x", "k"), ("y", "k")] {
        try #expect(store.scope(scope).get(key) == .string("\(scope)/\(key)"))
      }
    }
  }

  @Test func `Renaming keeps entries, revisions and place, and frees the old name`() throws {
    try withFreshStore { store in
      let old = store.scope("old", of: Int.self)
      try old.set("k", 1)
      let entry = try old.entry("k")
      try store.renameScope("old", to: "new")
      try #expect(store.scopes == ["new"])
      try #expect(store.scope("new", of: Int.self).entry("k") == entry)
      try #expect(store.scopeInfo("new")?.database == "scope:old")
      // A handle is a name.
      try #expect(old.get("k") == nil)
      try old.set("k", 2)
      try #expect(store.scope("new", of: Int.self).get("k") == 1)
      try #expect(store.scopes == ["new", "old"])
      try #expect(store.scopeInfo("old")?.database == "scope:old#2")
    }
  }

  @Test func `Renaming and copying never replace a scope, and want one to begin with`() throws {
    try withFreshStore { store in
      try store.scope("a").set("k", 1)
      try store.scope("b").set("k", 2)
      expectError(.scopeExists, naming: "\"b\"") { try store.renameScope("a", to: "b") }
      expectError(.scopeExists, naming: "\"a\"") { try store.renameScope("a", to: "a") }
      expectError(.scopeExists, naming: "\"b\"") { try store.copyScope("a", to: "b") }
      expectError(.scopeNotFound, naming: "\"c\"") { try store.renameScope("c", to: "d") }
      expectError(.scopeNotFound, naming: "\"c\"") { try store.copyScope("c", to: "d") }
      expectError(.scopeNotFound, naming: "\"c\"") { try store.dropScope("c") }
      expectError(.invalidName) { try store.renameScope("a", to: "a\0b") }
      try #expect(store.scopes == ["a", "b"])
      try #expect(store.scope("b").get("k") == 2)
    }
  }

  @Test func `A copy has the living entries, their expiry, and the revision of the copying`() throws {
    try withFreshStore({ $0.clock = StoreClock { 1_000 } }) { store in
      let source = store.scope("source", of: Int.self)
      try store.transaction { tx in for number in 0..<5_000 { try tx[source].set("k\(number)", 7) } }
      try putRaw(store, scope: "source", key: Array("dead".utf8), expiry: 1_000)
      try putRaw(store, scope: "source", key: Array("mortal".utf8), expiry: 2_000)
      try #expect(store.copyScope("source", to: "copy") == 5_001)
      let copy = store.scope("copy", of: Int.self)
      try #expect(copy.keys() == source.keys())
      try #expect(copy.entry("mortal")?.expires == Date(timeIntervalSince1970: 2))
      let revision = try store.read { $0.revision }
      try store.read { snapshot in
        for key in snapshot[copy].keys() { try #expect(snapshot[copy].entry(key)?.revision == revision) }
      }
      try copy.set("k0", 8)
      try #expect(source.get("k0") == 7)
    }
  }

  @Test func `What expires in a copy is swept and counted like everything else`() throws {
    let clock = ManualClock()
    try withFreshStore({ $0.clock = clock.storeClock }) { store in
      let source = store.scope("source", of: Int.self)
      try source.set(["a": 1, "b": 2], expires: .seconds(1))
      try source.set("stays", 3)
      try store.copyScope("source", to: "copy")
      try store.checkExpiryIndex()
      clock.advance(by: .seconds(2))
      try #expect(store.scope("copy").count() == 1)
      try #expect(store.sweepExpired().removed == 4)
      try #expect(store.scopeInfo("copy")?.entries == 1)
    }
  }

  @Test func `A dropped scope is gone, says how much it had, and can begin anew`() throws {
    try withFreshStore { store in
      let scope = store.scope("a", of: Int.self)
      for number in 0..<3 { try scope.set("k\(number)", number) }
      try #expect(store.dropScope("a") == 3)
      try #expect(store.scopes == [])
      try #expect(store.scopeInfo("a") == nil)
      try #expect(scope.get("k0") == nil)
      try #expect(scope.keys() == [])
      try scope.set("x", 1)
      try #expect(scope.keys() == ["x"])
      try #expect(store.scopeInfo("a")?.database == "scope:a")
    }
  }

  @Test func `Dropping and creating scopes of ever new names needs no new handles`() throws {
    try withFreshStore({ $0.maxScopes = 3 }) { store in
      try store.scope("stays").set("k", 1)
      for number in 0..<200 {
        try store.scope("temporary-\(number)").set("k", Value.integer(Int128(number)))
        try #expect(store.scope("temporary-\(number)").get("k") == .integer(Int128(number)))
        if number > 0 { try #expect(store.scope("temporary-\(number - 1)").get("k") == nil) }
        try store.dropScope("temporary-\(number)")
      }
      try #expect(store.scopes == ["stays"])
    }
  }

  @Test func `All of it is undone with its transaction or its savepoint`() throws {
    try withFreshStore { store in
      for name in ["a", "b", "c"] { try store.scope(name).set("k", .string(name)) }
      func change(_ tx: LMKV.Transaction) throws {
        try tx.renameScope("a", to: "z")
        try tx.dropScope("b")
        try tx.copyScope("c", to: "d")
        try tx.createScope("e")
        tx["b"]["new"] = 1
        try #expect(tx.scopes == ["b", "c", "d", "e", "z"])
        #expect(tx["z"]["k"] == "a")
        #expect(tx["a"]["k"] == nil)
        #expect(tx["b"]["k"] == nil)
        #expect(tx["d"]["k"] == "c")
        throw CancellationError()
      }
      func expectUnchanged(_ snapshot: Snapshot) throws {
        try #expect(snapshot.scopes == ["a", "b", "c"])
        for name in ["a", "b", "c"] { #expect(snapshot[name]["k"] == .string(name)) }
        for name in ["z", "d", "e"] { try #expect(snapshot[name].isEmpty) }
      }
      #expect(throws: CancellationError.self) { try store.transaction { try change($0) } }
      try store.read { try expectUnchanged($0) }
      try store.transaction { tx in
        #expect(throws: CancellationError.self) { try tx.savepoint { try change(tx) } }
        try expectUnchanged(tx)
        tx["a"]["k"] = "a"
      }
      try store.read { try expectUnchanged($0) }
    }
  }

  @Test func `An older snapshot sees the scopes as they were`() throws {
    try withFreshStore { store in
      try store.scope("a").set("k", 1)
      try store.scope("b").set("k", 2)
      try store.read { snapshot in
        #expect(snapshot["a"]["k"] == 1)
        try store.dropScope("a")
        try store.renameScope("b", to: "a")
        try store.scope("c").set("k", 3)
        #expect(snapshot["a"]["k"] == 1)
        #expect(snapshot["b"]["k"] == 2)
        #expect(snapshot["c"]["k"] == nil)
        try #expect(snapshot.scopes == ["a", "b"])
      }
      try #expect(store.scope("a").get("k") == 2)
      try #expect(store.scope("c").get("k") == 3)
    }
  }

  @Test func `A loop over a scope that is renamed or dropped under it ends`() throws {
    try withFreshStore { store in
      for number in 0..<5 { try store.scope("a").set("k\(number)", 1) }
      try store.transaction { tx in
        var count = 0
        for _ in tx["a"] {
          count += 1
          if count == 2 { try tx.renameScope("a", to: "b") }
        }
        #expect(count == 2)
        for _ in tx["b"] {
          count += 1
          if count == 4 { try tx.dropScope("b") }
        }
        #expect(count == 4)
      }
    }
  }

  @Test func `Scopes are managed from asynchronous code too`() async throws {
    try await withFreshStore { store in
      try await store.async.createScope("a")
      try await store.scope("a").async.set("k", 1)
      try await #expect(store.async.copyScope("a", to: "b") == 1)
      try await store.async.renameScope("b", to: "c")
      try await #expect(store.async.dropScope("a") == 1)
      try #expect(store.scopes == ["c"])
    }
  }

  @Test func `The default scope is named after the program, unless the configuration names one`() throws {
    try withFreshStore { store in
      let file = (CommandLine.arguments[0] as NSString).lastPathComponent
      #expect(store.defaultScope.name == (file as NSString).deletingPathExtension)
      try store.defaultScope.set("k", 1)
      try #expect(store.scopes == [store.defaultScope.name])
    }
    try withFreshStore({ $0.defaultScope = "jobs" }) { store in #expect(store.defaultScope.name == "jobs") }
  }
}
