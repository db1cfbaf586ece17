import LMDB
import Testing

@Suite struct BasicTests {
  @Test func `a get gives what a put wrote, and nil after a delete`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.put("world", for: "hello", in: database)
      #expect(try environment.text("hello", in: database) == "world")
      #expect(try environment.read { try $0.contains("hello", in: database) })
      try environment.put("there", for: "hello", in: database)
      #expect(try environment.text("hello", in: database) == "there")
      #expect(try environment.write { try $0.delete("hello", in: database) })
      #expect(try environment.write { try $0.delete("hello", in: database) } == false)
      #expect(try environment.text("hello", in: database) == nil)
      #expect(try environment.read { try $0.contains("hello", in: database) } == false)
    }
  }

  @Test func `an empty database has no first and no last entry`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.read { transaction in
        try #expect(transaction.statistics(of: database).entries == 0)
        try #expect(transaction.get("a", in: database) == nil)
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.first() == false)
          try #expect(cursor.last() == false)
          try #expect(cursor.next() == false)
          try #expect(cursor.previous() == false)
          try #expect(cursor.seek("a") == false)
          try #expect(cursor.seek(atOrAfter: "") == false)
          try #expect(cursor.key() == nil)
          try #expect(cursor.value() == nil)
          try #expect(cursor.withEntry { _, _ in true } == nil)
          try #expect(cursor.keys() == [])
        }
      }
    }
  }

  @Test func `the main database serves without named ones`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let main = environment.mainDatabase
      try environment.put("1", for: "a", in: main)
      try environment.put("2", for: "b", in: main)
      #expect(try environment.text("b", in: main) == "2")
      #expect(try environment.databaseNames() == [])
      #expect(main.name == nil)
    }
  }

  @Test func `databases of an environment do not mix`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let (a, b) = try environment.write { (try $0.createDatabase("a"), try $0.createDatabase("b")) }
      try environment.put("of a", for: "key", in: a)
      #expect(try environment.text("key", in: b) == nil)
      try environment.put("of b", for: "key", in: b)
      #expect(try environment.text("key", in: a) == "of a")
      try environment.write { try $0.empty(a) }
      #expect(try environment.text("key", in: a) == nil)
      #expect(try environment.text("key", in: b) == "of b")
      #expect(try environment.databaseNames() == ["a", "b"])
      #expect(try environment.openDatabase("c") == nil)
      #expect(try environment.openDatabase("a") == a)
    }
  }

  @Test func `what was written is there when the files are opened again`() throws {
    try withDirectory { directory in
      do {
        let environment = try directory.open()
        try environment.put("world", for: "hello", in: environment.database())
      }
      #expect(openFiles(below: directory.path) == [])
      let environment = try directory.open()
      let database = try #require(try environment.openDatabase("main"))
      #expect(try environment.text("hello", in: database) == "world")
    }
  }

  @Test func `an environment describes itself`() throws {
    try withDirectory { directory in
      let environment = try directory.open { $0.maxReaders = 77 }
      let database = try environment.database()
      let before = try environment.info()
      try environment.put(String(repeating: "x", count: 100_000), for: "large", in: database)
      let info = try environment.info()
      #expect(info.lastTransactionID == before.lastTransactionID + 1)
      #expect(info.usedSize > before.usedSize + 100_000)
      #expect(info.mapSize == 1 << 36)
      #expect(info.maxReaders == 77)
      #expect(environment.maxKeySize == 511)
      #expect(environment.path.hasSuffix("/store"))
      let statistics = try environment.read { try $0.statistics(of: database) }
      #expect(statistics.entries == 1 && statistics.depth == 1 && statistics.leafPages == 1)
      #expect(statistics.overflowPages == 25 && statistics.size == 26 * statistics.pageSize)
      try environment.write { try $0.empty(database) }
      #expect(try environment.freePageCount() >= 26)
    }
  }
}
