import LMDB
import Testing

@Suite struct RangeTests {
  static let keys = ["a", "a1", "a2", "b", "b\u{7F}", "c"]
  static let bounds: [KeyRange.Bound] =
    [.unbounded]
    + ["", "a", "a1", "a3", "b", "c", "d"].flatMap { [.including(Array($0.utf8)), .excluding(Array($0.utf8))] }

  private func withKeys(_ keys: [[UInt8]], _ body: (borrowing Cursor<ReadAccess>) throws -> Void) throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        for key in keys { try transaction.put("x", for: key, in: database) }
      }
      try environment.read { try $0.withCursor(in: database, body) }
    }
  }

  @Test func `every pair of bounds gives what a filter gives, both ways`() throws {
    func contains(_ range: KeyRange, _ key: [UInt8]) -> Bool {
      let isAbove =
        switch range.lower {
        case .unbounded: true
        case .including(let bound): !key.lexicographicallyPrecedes(bound)
        case .excluding(let bound): bound.lexicographicallyPrecedes(key)
        }
      let isBelow =
        switch range.upper {
        case .unbounded: true
        case .including(let bound): !bound.lexicographicallyPrecedes(key)
        case .excluding(let bound): key.lexicographicallyPrecedes(bound)
        }
      return isAbove && isBelow
    }
    try withKeys(Self.keys.map { Array($0.utf8) }) { cursor in
      for lower in Self.bounds {
        for upper in Self.bounds {
          let range = KeyRange(lower: lower, upper: upper)
          let expected = Self.keys.filter { contains(range, Array($0.utf8)) }
          try #expect(cursor.keys(in: range) == expected, "\(range)")
          try #expect(cursor.keys(in: range, reversed: true) == expected.reversed(), "\(range), reversed")
        }
      }
    }
  }

  @Test func `a prefix finds what begins with it`() throws {
    try withKeys(Self.keys.map { Array($0.utf8) }) { cursor in
      try #expect(cursor.keys(in: .prefix("a")) == ["a", "a1", "a2"])
      try #expect(cursor.keys(in: .prefix("a"), reversed: true) == ["a2", "a1", "a"])
      try #expect(cursor.keys(in: .prefix("")) == Self.keys)
      try #expect(cursor.keys(in: .prefix("d")) == [])
      try #expect(cursor.keys(in: .prefix("c")) == ["c"])
    }
  }

  @Test func `a prefix of highest bytes has no upper end`() throws {
    let keys: [[UInt8]] = [[0xFE], [0xFE, 0xFF], [0xFF], [0xFF, 0x01], [0xFF, 0xFF, 0xFF]]
    try withKeys(keys) { cursor in
      for (prefix, count) in [([0xFF], 3), ([0xFF, 0xFF], 1), ([0xFE, 0xFF], 1), ([0xFE], 2)] as [([UInt8], Int)] {
        try #expect(cursor.keys(in: .prefix(prefix)).count == count)
      }
    }
  }

  @Test func `a walk ends where its body says so`() throws {
    try withKeys(Self.keys.map { Array($0.utf8) }) { cursor in
      var seen: [String] = []
      try cursor.forEach { key, _ in
        seen.append(text(key))
        return seen.count < 2
      }
      #expect(seen == ["a", "a1"])
    }
  }
}
