import LMDB
import LMKV
import Testing

@Suite struct UsageErrorTests {
  @Test func `A store that is open for reading refuses every verb that writes, and sees what others write`() throws {
    try withStorePath { path in
      let created = try Store(path: path)
      try created.scope("s", of: Int.self).set("a", 1)
      try created.close()
      let store = try Store(path: path, configuration: .init(access: .readOnly))
      let scope = store.scope("s", of: Int.self)
      #expect(try scope.get("a") == 1)
      expectError(.readOnly, naming: path) { try scope.set("a", 2) }
      expectError(.readOnly, naming: path) { try scope.remove("a") }
      expectError(.readOnly, naming: path) { try scope.clear() }
      expectError(.readOnly, naming: path) { try scope.increment("a") }
      expectError(.readOnly, naming: path) { try store.transaction { _ in } }
      let writer = try DriverProcess("obey", path)
      try writer.expect("ready")
      #expect(try writer.ask("set s a 5") == "done")
      #expect(try writer.ask("set fresh a 6") == "done")
      #expect(try scope.get("a") == 5)
      #expect(try store.scope("fresh").get("a") == 6)
      #expect(writer.finish() == 0)
      try store.close()
    }
  }

  @Test func `A closed store throws at every use`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try store.close()
      try store.close()
      expectError(.closed, naming: path) { _ = try scope.get("a") }
      expectError(.closed, naming: path) { _ = try scope.count() }
      expectError(.closed, naming: path) { try scope.set("a", 2) }
      expectError(.closed, naming: path) { try store.transaction { _ in } }
      expectError(.closed, naming: path) { try store.read { _ in } }
      expectError(.closed, naming: path) { _ = try store.scopes }
    }
  }

  @Test func `What was begun before the close is finished`() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try store.read { snapshot throws in
        try store.close()
        #expect(try snapshot[scope].get("a") == 1)
      }
      let again = try Store(path: path)
      try again.transaction { tx in
        try tx["s"].set("b", 2)
        try again.close()
        try tx["s"].set("c", 3)
      }
      let third = try Store(path: path)
      #expect(try third.scope("s", of: Int.self).count() == 3)
      try third.close()
    }
  }

  @Test func `A store closes when nobody has it any more`() throws {
    try withStorePath { path in
      func use() throws {
        let store = try Store(path: path, configuration: .init(durability: .relaxed(flushEvery: .milliseconds(1))))
        for _ in 0..<100 { try store.scope("s", of: Int.self).increment("n") }
      }
      try use()
      #expect(openFiles(below: path).isEmpty)
    }
  }

  @Test func `A full store says so with its limit, keeps what it has and is of use again after removing`() throws {
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.maxSize = 1 << 20
    try withStore(configuration, .soundToOthers) { store throws in
      let scope = store.scope("s", of: String.self)
      let text = String(repeating: "x", count: 1_000)
      var count = 0
      expectError(.storeFull, naming: store.path, "\(1 << 20)") {
        while count < 10_000 {
          try scope.set("\(count)", text)
          count += 1
        }
      }
      #expect(count > 100 && count < 10_000)
      #expect(try scope.count() == count)
      expectError(.storeFull, naming: store.path) {
        try store.transaction { tx in
          for index in 0..<10_000 { try tx.scope("other", of: String.self).set("\(index)", text) }
        }
      }
      #expect(try scope.count() == count)
      #expect(try store.scopes == ["s"])
      try scope.clear()
      for index in 0..<100 { try scope.set("again\(index)", text) }
      #expect(try scope.count() == 100)
    }
  }

  @Test func `A transaction that went on after the store was full is not half committed`() throws {
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.maxSize = 1 << 20
    try withStore(configuration, .soundToOthers) { store throws in
      let scope = store.scope("s", of: String.self)
      let text = String(repeating: "x", count: 1_000)
      try scope.set("first", text)
      expectError(.transactionFailed, naming: store.path, "savepoint") {
        try store.transaction { tx in
          for index in 0..<10_000 { try? tx[scope].set("\(index)", text) }
        }
      }
      #expect(try scope.count() == 1)
      // In a savepoint it is the savepoint that is undone.
      try store.transaction { tx in
        try tx[scope].set("second", text)
        expectError(.storeFull) {
          try tx.savepoint { for index in 0..<10_000 { try tx[scope].set("\(index)", text) } }
        }
        try tx[scope].set("third", text)
      }
      #expect(try store.read { Array($0[scope].keys()) } == ["first", "second", "third"])
    }
  }

  @Test func `A damaged entry is named, and others can be read`() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory.path(of: "store")
      let store = try Store(path: path)
      for key in ["a", "b", "c", "d"] { try store.scope("s").set(key, "text") }
      try store.close()
      try {
        let environment = try Environment.open(path)
        let database = try #require(try environment.openDatabase("scope:s"))
        try environment.write { transaction in
          try transaction.put([0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9], for: "b", in: database)
          try transaction.put([0x10, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F], for: "c", in: database)
          try transaction.put([0x11, 0], for: "d", in: database)
        }
      }()
      let again = try Store(path: path)
      let scope = again.scope("s")
      #expect(try scope.get("a") == "text")
      for key in ["b", "c", "d"] { expectError(.corrupted, naming: "\"s\"") { _ = try scope.get(key) } }
      for key in ["b", "c", "d"] { expectError(.corrupted, naming: "\"s\"") { _ = try scope.entry(key) } }
      // What is said to help does.
      try scope.set("b", 1)
      try scope.remove("c")
      #expect(try scope.get("b") == 1)
      try again.close()
    }
  }

  @Test func `Limits that cannot be are refused`() throws {
    try withTemporaryDirectory { directory throws in
      for size in [0, -1, Int(Int32.max)] {
        var configuration = Store.Configuration()
        configuration.maxValueSize = size
        expectError(.invalidArgument, naming: "maxValueSize") {
          _ = try Store(path: directory.path(of: "store"), configuration: configuration)
        }
      }
      func expectRefusal(naming word: String, path: String? = nil, _ change: (inout Store.Configuration) -> Void) {
        var configuration = Store.Configuration()
        change(&configuration)
        expectError(.invalidArgument, naming: word) {
          _ = try Store(path: path ?? directory.path(of: "store"), configuration: configuration)
        }
      }
      for number in [0, -1, .max, .min] {
        expectRefusal(naming: "maxReaders") { $0.maxReaders = number }
        expectRefusal(naming: "maxScopes") { $0.maxScopes = number }
      }
      for size in [0, -1, .min] { expectRefusal(naming: "maxSize") { $0.maxSize = size } }
      expectRefusal(naming: "maxSnapshotAge") { $0.maxSnapshotAge = .seconds(-1) }
      expectRefusal(naming: "openTimeout") { $0.openTimeout = .seconds(-1) }
      expectRefusal(naming: "writeTimeout") { $0.writeTimeout = .seconds(-1) }
      expectRefusal(naming: "flushEvery") { $0.durability = .relaxed(flushEvery: .seconds(-1)) }
      expectRefusal(naming: "zero byte", path: directory.path(of: "store") + "\0a") { _ in }
    }
  }

  @Test func `More snapshots than the limit are an error that says so`() throws {
    var configuration = Store.Configuration()
    configuration.maxReaders = 3
    try withStore(configuration) { store throws in
      try store.scope("s").set("a", 1)
      func descend(_ depth: Int) throws {
        try store.read { snapshot in
          #expect(try snapshot["s"].get("a") == 1)
          if depth < 100 { try descend(depth + 1) }
        }
      }
      // Nobody else could ever end one of them, so nobody is waited for.
      let start = ContinuousClock.now
      expectError(
        .tooManyReaders,
        naming: store.path,
        "maxReaders",
        "3 are in use",
        "3 of them by snapshots of this thread"
      ) {
        try descend(0)
      }
      #expect(ContinuousClock.now - start < .seconds(9), "it waited for 10 s")
      #expect(try store.scope("s").get("a") == 1)
    }
  }
}
