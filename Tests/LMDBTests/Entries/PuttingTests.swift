import LMDB
import Testing

@Suite struct PuttingTests {
  @Test func `a reserved value is filled in its place, and the rest is zero`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        // Leave something behind in the page first.
        try transaction.put([UInt8](repeating: 0xEE, count: 64), for: "key", in: database)
        try transaction.put(size: 5, for: "key", in: database) { output in
          output.append(1, as: UInt8.self)
          output.append(2, as: UInt8.self)
        }
        try transaction.put(size: 0, for: "empty", in: database) { _ in }
        try transaction.put(size: 100_000, for: "large", in: database) { output in
          output.append(repeating: 9, count: 99_999, as: UInt8.self)
        }
        #expect(code { try transaction.put(size: -1, for: "key", in: database) { _ in } } == .badValueSize)
      }
      try environment.read { transaction in
        try #expect(transaction.get("key", in: database) == [1, 2, 0, 0, 0])
        try #expect(transaction.get("empty", in: database) == [])
        try #expect(transaction.get("large", in: database)?.suffix(2) == [9, 0])
      }
    }
  }

  @Test func `if-absent writes once`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        try transaction.put("first", for: "key", in: database, .ifAbsent)
        #expect(code { try transaction.put("second", for: "key", in: database, .ifAbsent) } == .keyExists)
        #expect(code { try transaction.put(size: 3, for: "key", in: database, .ifAbsent) { _ in } } == .keyExists)
      }
      #expect(try environment.text("key", in: database) == "first")
    }
  }

  @Test func `appending refuses a key that is not the last`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        for number in 1_000..<3_000 { try transaction.put("x", for: "\(number)", in: database, .appending) }
        #expect(code { try transaction.put("x", for: "1500", in: database, .appending) } == .keyExists)
        #expect(code { try transaction.put("x", for: "2999", in: database, .appending) } == .keyExists)
        try transaction.withCursor(in: database) { cursor in try cursor.put("x", for: "3000", .appending) }
      }
      #expect(try environment.read { try $0.statistics(of: database).entries } == 2_001)
    }
  }

  @Test func `a database that is emptied can be filled again`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      for round in 0..<5 {
        try environment.write { transaction in
          for number in 0..<2_000 { try transaction.put("\(round)", for: "\(number)", in: database) }
        }
        #expect(try environment.text("1999", in: database) == "\(round)")
        try environment.write { try $0.empty(database) }
        #expect(try environment.read { try $0.statistics(of: database).entries } == 0)
      }
    }
  }

  @Test func `the quota gives mapFull, and the environment stays usable`() throws {
    try withDirectory { directory in
      let environment = try directory.open { $0.maxSize = 1 << 20 }
      #expect(try environment.info().mapSize == 1 << 20)
      let database = try environment.database()
      try environment.put("small", for: "key", in: database)
      #expect(
        code {
          try environment.write { transaction in
            for number in 0..<100 {
              try transaction.put([UInt8](repeating: 1, count: 50_000), for: "\(number)", in: database)
            }
          }
        } == .mapFull
      )
      #expect(try environment.text("key", in: database) == "small")
      #expect(try environment.read { try $0.statistics(of: database).entries } == 1)
      try environment.put("still", for: "key", in: database)
      #expect(try environment.text("key", in: database) == "still")
    }
  }

  @Test func `a child that fills the map leaves its parent usable`() throws {
    try withDirectory { directory in
      let environment = try directory.open { $0.maxSize = 1 << 20 }
      let database = try environment.database()
      try environment.write { transaction in
        try transaction.put("parent", for: "key", in: database)
        #expect(
          code { try transaction.child { try $0.put([UInt8](repeating: 1, count: 2 << 20), for: "x", in: database) } }
            == .mapFull
        )
        try transaction.put("after", for: "after", in: database)
      }
      #expect(try environment.text("key", in: database) == "parent")
      #expect(try environment.text("after", in: database) == "after")
    }
  }
}
