import LMKV
import Testing

@Suite struct ScopeCatalogTests {
  @Test func `Hundreds of scopes are kept apart, also after a reopening`() throws {
    try withStorePath(.soundToOthers) { path in
      var store = try Store(path: path, configuration: .init(durability: .relaxed()))
      for index in 0..<400 { try store.scope("scope\(index)", of: Int.self).set("key", index) }
      #expect(try store.scopes.count == 400)
      try store.close()
      store = try Store(path: path)
      for index in (0..<400).shuffled() { #expect(try store.scope("scope\(index)", of: Int.self).get("key") == index) }
      try store.transaction { tx throws in
        for index in 0..<400 { try tx.scope("scope\(index)", of: Int.self).increment("key") }
      }
      for index in 0..<400 { #expect(try store.scope("scope\(index)", of: Int.self).get("key") == index + 1) }
      try store.close()
    }
  }

  @Test func `Hundreds of scopes can be created in one transaction`() throws {
    try withStore(.init(), .soundToOthers) { store in
      try store.transaction { tx throws in
        for index in 0..<300 { try tx.scope("scope\(index)", of: Int.self).set("key", index) }
        for index in 0..<300 { #expect(try tx.scope("scope\(index)", of: Int.self).get("key") == index) }
      }
      for index in 0..<300 { #expect(try store.scope("scope\(index)", of: Int.self).get("key") == index) }
    }
  }

  @Test func `More scopes than the limit are an error that names it, and the rest goes on`() throws {
    var configuration = Store.Configuration()
    configuration.maxScopes = 5
    try withStore(configuration) { store in
      var created = 0
      expectError(.tooManyScopes, naming: store.path, "maxScopes") {
        while created < 100 {
          try store.scope("s\(created)", of: Int.self).set("key", created)
          created += 1
        }
      }
      #expect(created >= 5 && created < 100)
      #expect(try store.scopes.count == created)
      for index in 0..<created { #expect(try store.scope("s\(index)", of: Int.self).get("key") == index) }
      try store.scope("s0", of: Int.self).set("key", 7)
      #expect(try store.scope("s0", of: Int.self).get("key") == 7)
    }
  }

  @Test func `Scopes that another process creates are seen at once`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      #expect(try store.scope("new0", of: Int.self).get("index") == nil)
      let other = try DriverProcess("create-scopes", path, "new", "40")
      #expect(other.wait() == 0)
      #expect(try store.scopes.count == 40)
      for index in 0..<40 { #expect(try store.scope("new\(index)", of: Int.self).get("index") == index) }
      try store.scope("new0", of: Int.self).set("index", -1)
      try store.scope("own").set("a", 1)
      let third = try DriverProcess("create-scopes", path, "more", "3")
      #expect(third.wait() == 0)
      try store.transaction { tx throws in
        for index in 0..<3 { #expect(try tx.scope("more\(index)", of: Int.self).get("index") == index) }
        #expect(try tx["new0"].get("index") == -1)
      }
      #expect(try store.scopes.count == 44)
      try store.close()
    }
  }

  @Test func `A snapshot can use the scopes that others have just created, also beside a writer`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      try store.scope("own").set("a", 1)
      #expect(try DriverProcess("create-scopes", path, "new", "2").wait() == 0)
      try store.read { snapshot throws in
        #expect(try snapshot["own"].get("a") == 1)
        try store.scope("own").set("a", 2)
        #expect(try snapshot["new1"].get("index") == 1)
        #expect(try snapshot["own"].get("a") == 1)
      }
      try store.close()
    }
  }

  @Test
  func `A snapshot can use the scopes that others have created, also when a writer of this process saw them first`()
    throws
  {
    try withStorePath { path in
      let store = try Store(path: path)
      try store.scope("own").set("a", 1)
      #expect(try DriverProcess("create-scopes", path, "new", "2").wait() == 0)
      try store.scope("own").set("a", 2)
      try store.read { snapshot throws in
        #expect(try snapshot["own"].get("a") == 2)
        try store.scope("own").set("a", 3)
        #expect(try snapshot["new1"].get("index") == 1)
        #expect(try snapshot["own"].get("a") == 2)
      }
      try store.close()
    }
  }

  // More scopes than a snapshot opens by itself.
  @Test func `A scope that is first used in a snapshot older than the latest commit says so`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      try store.scope("own").set("a", 1)
      #expect(try DriverProcess("create-scopes", path, "new", "40").wait() == 0)
      try store.read { snapshot throws in
        #expect(try snapshot["own"].get("a") == 1)
        // Nothing was committed since: the scope can still be opened.
        #expect(try snapshot["new0"].get("index") == 0)
        try store.scope("own").set("a", 2)
        expectError(.scopeOpenedTooLate, naming: "new1") { _ = try snapshot["new1"].get("index") }
        #expect(try snapshot["own"].get("a") == 1)
      }
      #expect(try store.read { try $0["new1"].get("index") } == 1)
      try store.close()
    }
  }

  @Test func `A snapshot that only met an absent scope keeps its state all the same`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      #expect(try DriverProcess("create-scopes", path, "new", "40").wait() == 0)
      try store.read { snapshot throws in
        #expect(try snapshot["late"].get("a") == nil)
        try store.scope("late").set("a", 1)
        // Had the snapshot moved on, the scope would now be in it.
        expectError(.scopeOpenedTooLate, naming: "new0") { _ = try snapshot["new0"].get("index") }
        #expect(try snapshot["late"].get("a") == nil)
      }
      try store.close()
    }
  }

  @Test func `A snapshot keeps its state after it has moved to a new scope's`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      #expect(try DriverProcess("create-scopes", path, "new", "40").wait() == 0)
      try store.read { snapshot throws in
        // The first use of new0 moves the snapshot, and is an answer.
        #expect(try snapshot["new0"].get("index") == 0)
        try store.transaction { tx throws in
          try tx["new0"].set("index", 100)
          try tx["other"].set("a", 1)
        }
        expectError(.scopeOpenedTooLate, naming: "new1") { _ = try snapshot["new1"].get("index") }
        #expect(try snapshot["new0"].get("index") == 0)
      }
      try store.close()
    }
  }

  @Test func `Each scope that a snapshot lists can be read in it, whatever is written meanwhile`() throws {
    try withStorePath { path in
      let creating = try Store(path: path, configuration: .init(durability: .relaxed()))
      for index in 0..<100 { try creating.scope("s\(index)", of: Int.self).set("key", 1) }
      try creating.close()
      let store = try Store(path: path, configuration: .init(durability: .relaxed()))
      try store.read { snapshot throws in
        var sum = 0
        for name in try snapshot.scopes {
          sum += try snapshot.scope(name, of: Int.self).require("key")
          try store.scope(name, of: Int.self).set("key", 1_000)
        }
        #expect(sum == 100)
      }
      try store.close()
    }
  }

  @Test func `A snapshot that began before a transaction can be read inside it, and sees the state before`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      try store.scope("s").set("a", 1)
      try store.read { snapshot in
        #expect(try DriverProcess("create-scopes", path, "new", "1").wait() == 0)
        try store.transaction { tx throws in
          try tx["s"].set("a", 2)
          #expect(try snapshot["s"].get("a") == 1)
          #expect(try snapshot.scopes == ["s"])
          // A named DB cannot be opened beside the transaction: rather an error than a hang.
          expectError(.nestedTransaction, naming: path) { _ = try store.scope("new0").get("index") }
          expectError(.nestedTransaction, naming: path) { _ = try store.read { try $0.scopes } }
          #expect(try tx["new0"].get("index") == 0)
        }
      }
      try store.close()
    }
  }
}
