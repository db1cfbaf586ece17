import LMDB
import Testing

@Suite struct SizeTests {
  @Test(arguments: [1, 2, 510, 511]) func `a key may have up to 511 bytes`(size: Int) throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      for byte in UInt8(1)...9 {
        try environment.write { try $0.put([byte], for: [UInt8](repeating: byte, count: size), in: database) }
      }
      for byte in UInt8(1)...9 {
        #expect(try environment.read { try $0.get([UInt8](repeating: byte, count: size), in: database) } == [byte])
      }
    }
  }

  @Test(arguments: [0, 512, 5_000]) func `a key of another size is refused, and absent`(size: Int) throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let key = [UInt8](repeating: 65, count: size)
      try environment.write { transaction in
        #expect(code { try transaction.put("x", for: key, in: database) } == .badValueSize)
        #expect(code { try transaction.put(size: 1, for: key, in: database) { _ in } } == .badValueSize)
        try #expect(transaction.get(key, in: database) == nil)
        try #expect(transaction.contains(key, in: database) == false)
        try #expect(transaction.delete(key, in: database) == false)
        try transaction.withCursor(in: database) { cursor in
          #expect(code { try cursor.put("x", for: key) } == .badValueSize)
          try #expect(cursor.seek(key) == false)
        }
        // The refusal spoils nothing.
        try transaction.put("fine", for: "key", in: database)
      }
      #expect(try environment.text("key", in: database) == "fine")
    }
  }

  @Test(arguments: [0, 1, 2_000, 4_079, 4_080, 4_081, 100_000, 5 << 20])
  func `a value may have any size`(size: Int) throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try environment.write { try $0.put(value, for: "key", in: database) }
      #expect(try environment.read { try $0.get("key", in: database) } == value)
      let last = try environment.read { transaction in
        try transaction.withValue(for: "key", in: database) { span in
          span.byteCount == size
            && (size == 0 || span.unsafeLoad(fromByteOffset: size - 1, as: UInt8.self) == value[size - 1])
        }
      }
      #expect(last == true)
    }
  }

  @Test func `a slice of bytes is a key and a value`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let bytes: [UInt8] = [1, 2, 3, 4, 5]
      try environment.write { try $0.put(bytes[3...], for: bytes[..<2], in: database) }
      #expect(try environment.read { try $0.get([1, 2] as [UInt8], in: database) } == [4, 5])
    }
  }
}
