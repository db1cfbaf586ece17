import LMDB
import Testing

@Suite struct OpeningTogetherTests {
  @Test func `threads that open and create while others write never mix databases up`() throws {
    try withDirectory(.soundToOthers) { directory in
      let names = (0..<24).map { "database \($0)" }
      do {
        let environment = try directory.open()
        // Half of them exist before.
        for name in names.prefix(12) {
          try environment.write { try $0.put(name, for: "name", in: $0.createDatabase(name)) }
        }
      }
      let environment = try directory.open()
      try onThreads(8) { thread in
        for round in 0..<60 {
          let name = names[(thread * 7 + round * 5) % names.count]
          if (thread + round) % 3 == 0 {
            try environment.write { transaction in
              let database = try transaction.createDatabase(name)
              try transaction.put(name, for: "name", in: database)
              if round % 4 == 0 { try? transaction.child { _ in throw CancellationError() } }
            }
          } else if let database = try environment.openDatabase(name) {
            #expect(try environment.text("name", in: database) == name)
          }
        }
      }
      for name in try environment.databaseNames() {
        let database = try #require(try environment.openDatabase(name))
        #expect(try environment.text("name", in: database) == name)
        #expect(try environment.read { try $0.statistics(of: database).entries } == 1)
      }
    }
  }

  @Test func `writers that abort what they made do not disturb who opens`() throws {
    try withDirectory(.soundToOthers) { directory in
      do {
        let environment = try directory.open()
        for number in 0..<40 {
          try environment.write { try $0.put("\(number)", for: "name", in: $0.createDatabase("\(number)")) }
        }
      }
      let environment = try directory.open()
      try onThreads(4) { thread in
        for number in 0..<40 {
          if thread == 0 {
            _ = thrown {
              try environment.write { transaction in
                let database = try transaction.createDatabase("lost \(number)")
                try transaction.put("x", for: "x", in: database)
                throw CancellationError()
              }
            }
          } else {
            let database = try #require(try environment.openDatabase("\(number)"))
            #expect(try environment.text("name", in: database) == "\(number)")
          }
        }
      }
      #expect(try environment.databaseNames().count == 40)
    }
  }

  @Test func `two processes that create the same names get the same databases`() throws {
    try withDirectory(.soundToOthers) { directory in
      let other = try Driver("names", directory, "30")
      try other.expect("ready")
      let environment = try directory.open()
      try other.goOn()
      for number in 0..<30 {
        try environment.write { try $0.put("mine", for: "mine", in: $0.createDatabase("name \(number)")) }
      }
      try other.expect("done")
      #expect(other.wait() == 0)
      #expect(try environment.databaseNames().count == 30)
      for number in 0..<30 {
        let database = try #require(try environment.openDatabase("name \(number)"))
        #expect(try environment.text("mine", in: database) == "mine")
        #expect(try environment.text("\(other.processID)", in: database) == "here")
      }
    }
  }
}
