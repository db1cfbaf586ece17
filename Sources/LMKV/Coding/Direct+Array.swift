extension Array: CBORDirectEncodable where Element: Encodable {
  /// An array with its count in front; bytes become a byte string.
  func write(to writer: CBORWriter, key: Int) throws {
    if Element.self == UInt8.self {
      unsafe withUnsafeBytes { unsafe writer.append(byteString: $0) }
    } else if Element.self == String.self {
      try writeEach(as: String.self, to: writer) { writer.append($0) }
    } else if Element.self == Int.self {
      try writeEach(as: Int.self, to: writer) { writer.append($0) }
    } else if Element.self == Double.self {
      try writeEach(as: Double.self, to: writer) { writer.append($0) }
    } else {
      try writer.push(.countedArray, count: count, key: key)
      for element in self {
        try writer.encode(element, key: -1)
        writer.frame.count += 1
      }
      try writer.close()
    }
  }

  /// Writes the elements of an array whose element type is known.
  @inline(__always)
  private func writeEach<Known>(as _: Known.Type, to writer: CBORWriter, _ write: (Known) -> Void) throws {
    try writer.checkDepth(adding: 1)
    writer.append(head: .array, UInt64(count))
    // Element is Known: the caller has compared the types.
    for element in unsafe unsafeBitCast(self, to: [Known].self) { write(element) }
  }
}

extension Array: CBORDirectDecodable where Element: Decodable {
  /// Reads an array; one of `UInt8` also from a byte string.
  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> [Element] {
    if Element.self == UInt8.self, try reader.peek() >> 5 == CBORMajor.bytes.rawValue {
      return cast(try reader.readBytes())
    }
    let head = try reader.openContainer(.array, as: Self.self, depth: depth)
    let result: [Element]
    if Element.self == String.self {
      result = cast(try readEach(head.count) { () throws(CBORFault) in try reader.readString() })
    } else if Element.self == Int.self {
      result = cast(try readEach(head.count) { () throws(CBORFault) in try reader.readInteger(Int.self) })
    } else if Element.self == Double.self {
      result = cast(try readEach(head.count) { () throws(CBORFault) in try reader.readDouble() })
    } else {
      result = try readEach(head.count) { try session.decode(Element.self, from: &reader, depth: depth + 1) }
    }
    if head.isIndefinite { _ = try reader.readBreak() }
    return result
  }

  private static func cast<Known>(_ array: [Known]) -> [Element] {
    // Element is Known: the caller has compared the types.
    unsafe unsafeBitCast(array, to: [Element].self)
  }

  /// Reserves no more than a page for a count that only the input claims.
  @inline(__always)
  private static func readEach<Known, E: Error>(_ count: Int, _ read: () throws(E) -> Known) throws(E) -> [Known] {
    var result: [Known] = []
    result.reserveCapacity(Swift.min(count, Swift.max(16, 4096 / MemoryLayout<Known>.stride)))
    for _ in 0..<count { result.append(try read()) }
    return result
  }
}
