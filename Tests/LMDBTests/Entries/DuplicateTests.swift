import LMDB
import Testing

@Suite struct DuplicateTests {
  private func withFruits(_ body: (Environment, Database) throws -> Void) throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database(.duplicates)
      try environment.write { transaction in
        for fruit in ["pear", "apple", "plum"] { try transaction.put(fruit, for: "fruit", in: database) }
        try transaction.put("carrot", for: "root", in: database)
      }
      try body(environment, database)
    }
  }

  @Test func `a key has several values, in order`() throws {
    try withFruits { environment, database in
      try environment.read { transaction in
        try #expect(transaction.text("fruit", in: database) == "apple")
        try #expect(transaction.statistics(of: database).entries == 4)
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.nextDuplicate() && cursor.valueText() == "apple")
          try #expect(cursor.seek("fruit") && cursor.countDuplicates() == 3)
          try #expect(cursor.nextDuplicate() && cursor.valueText() == "pear")
          try #expect(cursor.lastDuplicate() && cursor.valueText() == "plum")
          try #expect(cursor.nextDuplicate() == false)
          try #expect(cursor.previousDuplicate() && cursor.valueText() == "pear")
          try #expect(cursor.firstDuplicate() && cursor.valueText() == "apple")
          try #expect(cursor.nextKey() && cursor.valueText() == "carrot")
          try #expect(cursor.countDuplicates() == 1)
          try #expect(cursor.previousKey() && cursor.valueText() == "plum")
          try #expect(cursor.seek("fruit", duplicate: "pear"))
          try #expect(cursor.seek("fruit", duplicate: "cherry") == false)
          try #expect(cursor.seek("fruit", atOrAfterDuplicate: "b") && cursor.valueText() == "pear")
          try #expect(cursor.seek("fruit", atOrAfterDuplicate: "z") == false)
        }
      }
    }
  }

  @Test func `one value goes, or all of them`() throws {
    try withFruits { environment, database in
      try environment.write { transaction in
        #expect(code { try transaction.put("pear", for: "fruit", in: database, .ifNewDuplicate) } == .keyExists)
        try #expect(transaction.delete("fruit", duplicate: "pear", in: database))
        try #expect(transaction.delete("fruit", duplicate: "pear", in: database) == false)
        try #expect(transaction.delete("none", duplicate: "", in: database) == false)
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.seek("fruit") && cursor.countDuplicates() == 2)
          try cursor.deleteAllDuplicates()
        }
        try #expect(transaction.get("fruit", in: database) == nil)
        try #expect(transaction.text("root", in: database) == "carrot")
      }
      try environment.write { transaction in
        #expect(code { try transaction.put(size: 1, for: "root", in: database) { _ in } } == .incompatible)
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.first())
          #expect(code { try cursor.replace("a") } == .incompatible)
        }
      }
    }
  }

  @Test func `a cursor that stands nowhere has no duplicates to move to`() throws {
    try withFruits { environment, database in
      try environment.read { transaction in
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.firstDuplicate() == false)
          try #expect(cursor.lastDuplicate() == false)
        }
      }
    }
  }

  @Test func `integer keys are in the order of their numbers`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database(.integerKeys)
      let numbers: [UInt64] = [1, 255, 256, 65_536, 1 << 40, .max]
      func bytes(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
      try environment.write { transaction in
        for number in numbers.reversed() { try transaction.put(bytes(number), for: bytes(number), in: database) }
      }
      try environment.read { transaction in
        try transaction.withCursor(in: database) { cursor in
          var seen: [UInt64] = []
          while try cursor.next() {
            try cursor.withEntry { key, _ in seen.append(key.unsafeLoadUnaligned(as: UInt64.self)) }
          }
          #expect(seen == numbers)
        }
        try #expect(transaction.get(bytes(256), in: database) == bytes(256))
      }
    }
  }

  @Test func `reverse keys are compared from their end`() throws {
    try withDirectory(.closed) { directory in
      let environment = try directory.open()
      let database = try environment.database(.reverseKeys)
      try environment.write { transaction in
        for key in ["ab", "ba", "cc", "a"] { try transaction.put("x", for: key, in: database) }
      }
      try environment.read { transaction in
        try transaction.withCursor(in: database) { try #expect($0.keys() == ["a", "ba", "ab", "cc"]) }
      }
    }
  }

  @Test func `a database is opened with the options that it was made with`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database(.duplicates)
      #expect(code { _ = try environment.database() } == .incompatible)
      #expect(code { _ = try environment.database([.duplicates, .fixedSizeDuplicates]) } == .incompatible)
      #expect(try environment.database(.duplicates) == database)
      #expect(try environment.openDatabase("main") == database)
    }
  }
}
