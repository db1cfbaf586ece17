import LMDB
import Testing

@Suite struct CursorTests {
  private func withLetters(_ body: (Environment, Database) throws -> Void) throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        for letter in ["b", "d", "f", "h"] { try transaction.put(letter.uppercased(), for: letter, in: database) }
      }
      try body(environment, database)
    }
  }

  @Test func `a cursor moves in key order, both ways`() throws {
    try withLetters { environment, database in
      try environment.read { transaction in
        try transaction.withCursor(in: database) { cursor in
          // Not moved yet: next is the first, previous the last.
          try #expect(cursor.key() == nil)
          try #expect(cursor.next() && cursor.keyText() == "b")
          try #expect(cursor.next() && cursor.keyText() == "d")
          try #expect(cursor.previous() && cursor.keyText() == "b")
          try #expect(cursor.previous() == false)
          try #expect(cursor.last() && cursor.keyText() == "h")
          try #expect(cursor.valueText() == "H")
          try #expect(cursor.next() == false)
          try #expect(cursor.first() && cursor.keyText() == "b")
          try #expect(cursor.withEntry { text($0) + text($1) } == "bB")
        }
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.previous() && cursor.keyText() == "h")
        }
      }
    }
  }

  @Test func `a cursor seeks a key, or the next one after it`() throws {
    try withLetters { environment, database in
      try environment.read { transaction in
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.seek("d") && cursor.keyText() == "d")
          try #expect(cursor.seek("e") == false)
          try #expect(cursor.seek("") == false)
          try #expect(cursor.seek(atOrAfter: "d") && cursor.keyText() == "d")
          try #expect(cursor.seek(atOrAfter: "e") && cursor.keyText() == "f")
          try #expect(cursor.seek(atOrAfter: "") && cursor.keyText() == "b")
          try #expect(cursor.seek(atOrAfter: "i") == false)
          // Moves among duplicates are no moves here, but no crash either.
          #expect(code { _ = try cursor.seek("b", duplicate: "B") } == .incompatible)
        }
      }
    }
  }

  @Test func `a cursor puts, replaces and deletes`() throws {
    try withLetters { environment, database in
      try environment.write { transaction in
        try transaction.withCursor(in: database) { cursor in
          #expect(code { try cursor.replace("nowhere") } == .notFound)
          try cursor.put("C", for: "c")
          try #expect(cursor.keyText() == "c")
          #expect(code { try cursor.put("again", for: "c", .ifAbsent) } == .keyExists)
          try #expect(cursor.next() && cursor.keyText() == "d")
          try cursor.replace("a value of another length")
          try #expect(cursor.keyText() == "d")
          try cursor.replace(String(repeating: "long", count: 5_000))
          try #expect(cursor.valueText()?.utf8.count == 20_000)
          try cursor.delete()
          try #expect(cursor.next() && cursor.keyText() == "f")
        }
      }
      try environment.read { transaction in
        try transaction.withCursor(in: database) { try #expect($0.keys() == ["b", "c", "f", "h"]) }
      }
    }
  }

  @Test(arguments: [false, true]) func `a walk may delete what it stands on`(reversed: Bool) throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let keys = (10_000..<13_000).map(String.init)
      try environment.write { transaction in
        for key in keys { try transaction.put(String(repeating: key, count: 10), for: key, in: database) }
      }
      var walked: [String] = []
      try environment.write { transaction in
        try transaction.withCursor(in: database) { cursor in
          try cursor.forEach(reversed: reversed) { key, _ in
            walked.append(text(key))
            if walked.last?.last != "7" { try cursor.delete() }
            return true
          }
        }
      }
      #expect(walked == (reversed ? keys.reversed() : keys))
      try environment.read { transaction in
        try transaction.withCursor(in: database) { cursor in
          try #expect(cursor.keys() == keys.filter { $0.last == "7" })
        }
      }
    }
  }

  @Test func `an error of the walk's body comes out unchanged`() throws {
    struct Stop: Error, Equatable {}
    try withLetters { environment, database in
      #expect(throws: Stop()) {
        try environment.read { transaction in
          try transaction.withCursor(in: database) { cursor in
            try cursor.forEach { _, _ in throw Stop() }
          }
        }
      }
    }
  }
}
