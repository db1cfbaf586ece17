import LMDB
import Testing

@Suite struct MapTests {
  @Test func `a map that an address-space limit made small grows when it fills, beside readers`() throws {
    try withDirectory { directory in
      let driver = try Driver("grow", directory)
      let size = Int(driver.line()?.split(separator: " ").last ?? "") ?? .max
      #expect(size <= 128 << 20 && size >= 1 << 24)
      try driver.expect("grown true")
      #expect(driver.wait() == 0)
      let environment = try directory.open()
      let database = try environment.database()
      #expect(try environment.read { try $0.statistics(of: database).entries } == 160)
    }
  }

  @Test func `a file that another process made larger than this quota is still read`() throws {
    try withDirectory { directory in
      let environment = try directory.open {
        $0.maxSize = 4 << 20
        $0.patience = 3
      }
      let database = try environment.database()
      let other = try Driver("fill", directory, "10")
      try other.expect("filled")
      // All of these meet the larger file at once.
      try onThreads(6) { thread in
        if thread == 0 {
          // The quota is this process's own: there is no room for more than the file's free pages.
          try? environment.put("x", for: "x", in: database)
        } else {
          let entries = try environment.read { try $0.statistics(of: database).entries }
          #expect(entries >= 10)
        }
      }
      #expect(try environment.info().mapSize >= 10 << 20)
      #expect(try environment.read { try $0.get("megabyte 9", in: database)?.last } == 7)
      try other.goOn()
      #expect(other.wait() == 0)
    }
  }

  @Test func `threads that hold snapshots are waited for before the map moves`() throws {
    try withDirectory { directory in
      let environment = try directory.open { $0.maxSize = 4 << 20 }
      let database = try environment.database()
      try environment.put("value", for: "key", in: database)
      let started = Counter()
      let reader = Running {
        try environment.read { transaction in
          started.increment()
          for _ in 0..<200 {
            try #expect(transaction.text("key", in: database) == "value")
            Running.nap()
          }
        }
      }
      while started.value == 0 { Running.nap() }
      let other = try Driver("fill", directory, "10")
      try other.expect("filled")
      #expect(try environment.read { try $0.statistics(of: database).entries } == 11)
      try reader.join()
      try other.goOn()
      #expect(other.wait() == 0)
    }
  }

  @Test func `who holds a snapshot on the same thread gets an error, not a hang`() throws {
    try withDirectory { directory in
      let environment = try directory.open {
        $0.maxSize = 4 << 20
        $0.patience = 0.2
      }
      let database = try environment.database()
      try environment.read { transaction in
        let other = try Driver("fill", directory, "10")
        try other.expect("filled")
        #expect(code { try environment.read { _ in } } == .mapInUse)
        #expect(code { try environment.write { _ in } } == .mapInUse)
        try #expect(transaction.statistics(of: database).entries == 0)
        try other.goOn()
        #expect(other.wait() == 0)
      }
      #expect(try environment.read { try $0.statistics(of: database).entries } == 10)
    }
  }
}
