import LMDB
import Testing

@Suite struct ChildTests {
  struct Mine: Error, Equatable {}

  @Test func `a child is kept when it returns, and undone alone when it throws`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        try transaction.put("1", for: "parent", in: database)
        let result = try transaction.child { child in
          try child.put("2", for: "kept", in: database)
          return 42
        }
        #expect(result == 42)
        let error = thrown {
          try transaction.child { child in
            try child.put("3", for: "lost", in: database)
            try child.delete("parent", in: database)
            throw Mine()
          }
        }
        #expect(error is Mine)
        try transaction.put("4", for: "after", in: database)
      }
      try environment.read { transaction in
        try transaction.withCursor(in: database) { try #expect($0.keys() == ["after", "kept", "parent"]) }
      }
    }
  }

  @Test func `children nest`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        try transaction.child { child in
          try child.put("x", for: "child", in: database)
          let error = thrown {
            try child.child { grandchild in
              try grandchild.put("x", for: "lost", in: database)
              throw Mine()
            }
          }
          #expect(error is Mine)
          try child.child { try $0.put("x", for: "grandchild", in: database) }
        }
      }
      try environment.read { transaction in
        try transaction.withCursor(in: database) { try #expect($0.keys() == ["child", "grandchild"]) }
      }
    }
  }

  @Test func `the parent rests while its child is open`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        try transaction.child { child in
          #expect(code { try transaction.put("x", for: "key", in: database) } == .badTransaction)
          #expect(code { _ = try transaction.get("key", in: database) } == .badTransaction)
          #expect(code { _ = try transaction.statistics(of: database) } == .badTransaction)
          #expect(code { try transaction.withCursor(in: database) { _ in } } == .badTransaction)
          #expect(code { try transaction.child { _ in } } == .badTransaction)
          #expect(code { _ = try transaction.createDatabase("new") } == .badTransaction)
          try child.put("fine", for: "key", in: database)
        }
        try #expect(transaction.text("key", in: database) == "fine")
      }
    }
  }

  @Test func `a thousand children go into one commit`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let before = try environment.info().lastTransactionID
      try environment.write { transaction in
        for number in 0..<1_000 {
          try? transaction.child { child in
            try child.put(String(repeating: "x", count: number), for: "\(number)", in: database)
            if number % 3 == 0 { throw Mine() }
          }
        }
      }
      #expect(try environment.info().lastTransactionID == before + 1)
      #expect(try environment.read { try $0.statistics(of: database).entries } == 666)
    }
  }

  @Test func `children are gone with their parent`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      #expect(throws: Mine()) {
        try environment.write { transaction in
          try transaction.child { try $0.put("x", for: "key", in: database) }
          throw Mine()
        }
      }
      #expect(try environment.text("key", in: database) == nil)
    }
  }
}
