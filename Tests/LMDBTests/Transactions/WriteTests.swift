import LMDB
import Testing

@Suite struct WriteTests {
  struct Mine: Error, Equatable { let number: Int }

  @Test func `a throw undoes everything and comes out unchanged`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.put("kept", for: "key", in: database)
      #expect(throws: Mine(number: 7)) {
        try environment.write { transaction in
          try transaction.put("lost", for: "key", in: database)
          throw Mine(number: 7)
        }
      }
      #expect(try environment.text("key", in: database) == "kept")
      try environment.put("next", for: "key", in: database)
    }
  }

  @Test func `a second write on the same thread throws instead of hanging`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        #expect(code { try environment.write { _ in } } == .nestedWrite)
        #expect(code { try environment.copy(to: directory.path + "/copy") } == .nestedWrite)
        try transaction.put("fine", for: "key", in: database)
      }
      #expect(try environment.text("key", in: database) == "fine")
      try environment.write { _ in }
    }
  }

  @Test func `a nested write is found however writers take turns`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let refused = Counter()
      try onThreads(6) { thread in
        for round in 0..<300 {
          try environment.write { transaction in
            try transaction.put("\(round)", for: "\(thread)", in: database)
            #expect(code { try environment.write { _ in } } == .nestedWrite)
            refused.increment()
          }
        }
      }
      #expect(refused.value == 1_800)
    }
  }

  @Test(arguments: [Environment.SyncMode.full, .dataOnly, .unsafeNone])
  func `a commit with any sync mode is there`(mode: Environment.SyncMode) throws {
    try withDirectory { directory in
      for opened in [Environment.SyncMode.full, .dataOnly, .unsafeNone] {
        let environment = try directory.open { $0.sync = opened }
        let database = try environment.database()
        try environment.write(sync: mode) { try $0.put("\(opened)", for: "key", in: database) }
        #expect(try environment.text("key", in: database) == "\(opened)")
        try environment.sync()
      }
    }
  }

  @Test func `counting on many threads loses nothing`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try onThreads(8) { _ in
        for _ in 0..<250 {
          try environment.write { transaction in
            let number = Int(try transaction.text("count", in: database) ?? "0") ?? 0
            try transaction.put("\(number + 1)", for: "count", in: database)
          }
        }
      }
      #expect(try environment.text("count", in: database) == "2000")
    }
  }

  @Test func `a transaction that nobody commits is aborted when it goes`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      func drop() throws {
        let transaction = try environment.beginWrite()
        try transaction.put("lost", for: "key", in: database)
      }
      func abort() throws {
        let transaction = try environment.beginWrite()
        try transaction.put("lost", for: "key", in: database)
        transaction.abort()
      }
      func commit() throws {
        let transaction = try environment.beginWrite()
        try transaction.put("kept", for: "other", in: database)
        try transaction.commit()
      }
      try drop()
      try abort()
      #expect(try environment.text("key", in: database) == nil)
      try commit()
      #expect(try environment.text("other", in: database) == "kept")
    }
  }

  @Test func `a transaction that changes nothing raises nothing`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let before = try environment.info().lastTransactionID
      try environment.write { try $0.delete("absent", in: database) }
      #expect(try environment.info().lastTransactionID == before)
      try environment.write { transaction in
        #expect(transaction.id == before + 1)
        try transaction.put("x", for: "x", in: database)
      }
      #expect(try environment.info().lastTransactionID == before + 1)
    }
  }

  @Test func `an environment lives as long as its transactions`() throws {
    try withDirectory { directory in
      let snapshot = try directory.open().beginSnapshot()
      #expect(openFiles(below: directory.path) != [])
      #expect(snapshot.id == 0)
    }
  }
}
