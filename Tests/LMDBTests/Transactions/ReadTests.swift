import LMDB
import Testing

@Suite struct ReadTests {
  @Test func `a snapshot does not see what was committed after it began`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.put("old", for: "key", in: database)
      let first = try environment.beginSnapshot()
      try environment.put("new", for: "key", in: database)
      let second = try environment.beginSnapshot()
      try environment.write { try $0.delete("key", in: database) }
      // first   begin ---------------------------------- old
      // write           new                    delete
      // second                   begin ----------------- new
      try #expect(first.text("key", in: database) == "old")
      try #expect(second.text("key", in: database) == "new")
      #expect(first.id < second.id)
      #expect(try environment.text("key", in: database) == nil)
    }
  }

  @Test func `reads nest, and go on beside a write on the same thread`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.put("before", for: "key", in: database)
      try environment.read { outer in
        try environment.write { writing in
          try writing.put("after", for: "key", in: database)
          try environment.read { inner in
            try #expect(inner.text("key", in: database) == "before")
            try #expect(writing.text("key", in: database) == "after")
          }
        }
        try environment.read { try #expect($0.text("key", in: database) == "after") }
        try #expect(outer.text("key", in: database) == "before")
      }
    }
  }

  @Test func `a transaction is renewed, not begun again`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      for _ in 0..<1_000 { try environment.read { _ in } }
      #expect(try environment.readers().count == 1)
      #expect(try environment.readers().allSatisfy { $0.transactionID == nil })
      try environment.read { _ in
        try environment.read { _ in
          let readers = try environment.readers()
          #expect(readers.count == 2)
          #expect(readers.allSatisfy { $0.transactionID != nil })
        }
      }
    }
  }

  @Test func `many threads read what belongs together while one writes`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        for key in ["a", "b", "c"] { try transaction.put("0", for: key, in: database) }
      }
      let writers = Counter()
      try onThreads(9) { thread in
        if thread == 0 {
          for round in 1...500 {
            try environment.write { transaction in
              for key in ["a", "b", "c"] { try transaction.put("\(round)", for: key, in: database) }
            }
          }
          writers.increment()
        } else {
          var rounds = 0
          while writers.value == 0 || rounds < 100 {
            let values = try environment.read { transaction in
              try ["a", "b", "c"].map { try transaction.text($0, in: database) }
            }
            #expect(Set(values).count == 1)
            rounds += 1
          }
        }
      }
      #expect(try environment.text("c", in: database) == "500")
    }
  }

  @Test func `a snapshot may be handed to another thread`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.put("value", for: "key", in: database)
      // A thread that ends takes none of its snapshots along.
      try onThreads(4) { _ in
        for _ in 0..<100 {
          let snapshot = try environment.beginSnapshot()
          try #expect(snapshot.text("key", in: database) == "value")
        }
      }
      #expect(try environment.readers().allSatisfy { $0.transactionID == nil })
    }
  }

  @Test func `an error of the body comes out unchanged, and the snapshot ends`() throws {
    struct Mine: Error, Equatable { let number: Int }
    try withDirectory { directory in
      let environment = try directory.open()
      #expect(throws: Mine(number: 4)) { try environment.read { _ in throw Mine(number: 4) } }
      #expect(try environment.readers().allSatisfy { $0.transactionID == nil })
    }
  }

  @Test func `a full reader table is waited for, and is an error in the end`() throws {
    try withDirectory { directory in
      let environment = try directory.open {
        $0.maxReaders = 4
        $0.patience = 0.3
      }
      let one = try environment.beginSnapshot()
      let two = try environment.beginSnapshot()
      let three = try environment.beginSnapshot()
      let four = try environment.beginSnapshot()
      #expect(code { try environment.read { _ in } } == .readersFull)
      let ids = [one.id, two.id, three.id, four.id]
      #expect(Set(ids).count == 1)
    }
  }

  @Test func `readers beyond the table's size take turns`() throws {
    try withDirectory { directory in
      let environment = try directory.open { $0.maxReaders = 3 }
      let done = Counter()
      try onThreads(12) { _ in
        for _ in 0..<20 { try environment.read { _ in _ = done.increment() } }
      }
      #expect(done.value == 240)
    }
  }
}
