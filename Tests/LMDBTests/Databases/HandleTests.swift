import LMDB
import LMDBPlatform
import Testing

@Suite struct HandleTests {
  struct Mine: Error, Equatable {}

  @Test func `a database that was made in an aborted transaction is gone, and can be made again`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let other = try environment.database()
      #expect(throws: Mine()) {
        try environment.write { transaction in
          let database = try transaction.createDatabase("lost")
          try transaction.put("x", for: "x", in: database)
          throw Mine()
        }
      }
      #expect(try environment.openDatabase("lost") == nil)
      #expect(try environment.databaseNames() == ["main"])
      let again = try environment.write { try $0.createDatabase("lost", .duplicates) }
      try environment.put("here", for: "key", in: again)
      try environment.put("there", for: "key", in: other)
      #expect(try environment.text("key", in: again) == "here")
      #expect(try environment.text("key", in: other) == "there")
    }
  }

  @Test func `databases whose names differ only in their bytes are two`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let names = ["caf\u{E9}", "cafe\u{301}"]
      let databases = try environment.write { transaction in try names.map { try transaction.createDatabase($0) } }
      for (name, database) in zip(names, databases) {
        try environment.put("of \(name.utf8.count)", for: "key", in: database)
      }
      #expect(try environment.databaseNames().count == 2)
      for name in names {
        let database = try #require(try environment.openDatabase(name))
        #expect(try environment.text("key", in: database) == "of \(name.utf8.count)")
      }
    }
  }

  @Test func `a database that was made in an aborted child is gone, its siblings stay`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let (before, after) = try environment.write { transaction in
        let before = try transaction.createDatabase("before")
        _ = thrown {
          try transaction.child { child in
            let database = try child.createDatabase("lost")
            try child.put("x", for: "x", in: database)
            try child.put("x", for: "x", in: before)
            throw Mine()
          }
        }
        try #expect(transaction.openDatabase("lost") == nil)
        let after = try transaction.child { try $0.createDatabase("after") }
        try transaction.put("a", for: "key", in: after)
        try transaction.put("b", for: "key", in: before)
        return (before, after)
      }
      #expect(try environment.databaseNames() == ["after", "before"])
      #expect(try environment.text("key", in: after) == "a")
      #expect(try environment.text("key", in: before) == "b")
      #expect(try environment.text("x", in: before) == nil)
    }
  }

  @Test func `a database that a child made is gone with the child's parent`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      _ = thrown {
        try environment.write { transaction in
          _ = try transaction.child { try $0.createDatabase("lost") }
          throw Mine()
        }
      }
      #expect(try environment.openDatabase("lost") == nil)
      let database = try environment.write { try $0.createDatabase("lost") }
      try environment.put("x", for: "x", in: database)
    }
  }

  @Test func `a database whose transaction was aborted is refused, even if its number is another's now`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      var lost: [Database] = []
      _ = thrown {
        try environment.write { transaction in
          lost.append(try transaction.createDatabase("lost"))
          throw Mine()
        }
      }
      let other = try environment.write { transaction in
        _ = thrown {
          try transaction.child { child in
            lost.append(try child.createDatabase("lost too"))
            throw Mine()
          }
        }
        return try transaction.createDatabase("other")
      }
      for database in lost {
        #expect(code { try environment.put("x", for: "x", in: database) } == .badDatabase)
        #expect(code { _ = try environment.text("x", in: database) } == .badDatabase)
        #expect(code { try environment.read { try $0.withCursor(in: database) { _ in } } } == .badDatabase)
      }
      try environment.put("x", for: "x", in: other)
      #expect(try environment.read { try $0.statistics(of: other).entries } == 1)
    }
  }

  @Test func `a reader's first open waits for this process's writer, and then works`() throws {
    try withDirectory { directory in
      do {
        let environment = try directory.open()
        try environment.put("value", for: "key", in: environment.database())
      }
      let environment = try directory.open()
      var opener: Running?
      try environment.write { transaction in
        try transaction.put("x", for: "x", in: transaction.createDatabase("other"))
        let opening = Running {
          let database = try #require(try environment.openDatabase("main"))
          #expect(try environment.text("key", in: database) == "value")
        }
        opener = opening
        #expect(opening.isDone(within: 0.1) == false)
      }
      try opener?.join()
    }
  }

  @Test func `opening beside one's own write transaction throws instead of hanging`() throws {
    try withDirectory { directory in
      do { _ = try directory.open().database() }
      let environment = try directory.open()
      try environment.write { transaction in
        #expect(code { _ = try environment.openDatabase("main") } == .openingInsideWrite)
        _ = try #require(try transaction.openDatabase("main"))
      }
      #expect(try environment.openDatabase("main") != nil)
    }
  }

  @Test func `a snapshot does not know a database that was opened after it began`() throws {
    try withDirectory { directory in
      do { _ = try directory.open().database() }
      let environment = try directory.open()
      let snapshot = try environment.beginSnapshot()
      let database = try #require(try environment.openDatabase("main"))
      #expect(code { _ = try snapshot.get("key", in: database) } == .databaseNewerThanTransaction)
      #expect(code { _ = try snapshot.statistics(of: database) } == .databaseNewerThanTransaction)
      #expect(code { try snapshot.withCursor(in: database) { _ in } } == .databaseNewerThanTransaction)
      #expect(try environment.text("key", in: database) == nil)
    }
  }

  @Test func `one database more than allowed is an error, and the others stay usable`() throws {
    try withDirectory { directory in
      let environment = try directory.open { $0.maxDatabases = 3 }
      let databases = try (0..<3).map { number in try environment.write { try $0.createDatabase("\(number)") } }
      #expect(code { try environment.write { _ = try $0.createDatabase("3") } } == .databasesFull)
      for database in databases { try environment.put("x", for: "x", in: database) }
      #expect(try environment.databaseNames() == ["0", "1", "2"])
    }
  }

  @Test(arguments: ["", String(repeating: "n", count: 512), "a\u{0}b"])
  func `a name that cannot be is refused`(name: String) throws {
    try withDirectory { directory in
      let environment = try directory.open()
      #expect(code { _ = try environment.openDatabase(name) } == .badValueSize)
      #expect(code { try environment.write { _ = try $0.createDatabase(name) } } == .badValueSize)
    }
  }

  @Test func `a name of 511 bytes is a name`() throws {
    try withDirectory { directory in
      let name = String(repeating: "ü", count: 255) + "x"
      let environment = try directory.open()
      _ = try environment.write { try $0.createDatabase(name) }
      #expect(try environment.databaseNames() == [name])
    }
  }
}
