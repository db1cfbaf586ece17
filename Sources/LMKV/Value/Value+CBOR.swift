internal import OrderedCollections

extension Value: CBORDirectEncodable {
  func write(to writer: CBORWriter, key: Int) throws {
    try write(to: writer, depth: writer.depth)
  }

  /// Writes the value; `depth` arrays, maps and tags are open around it.
  private func write(to writer: CBORWriter, depth: Int) throws {
    switch self {
    case .null: writer.appendNull()
    case .undefined: writer.append(byte: CBOR.undefinedByte)
    case .bool(let value): writer.append(value)
    case .integer(let value): writer.append(value)
    case .double(let value): writer.append(value)
    case .string(let value): writer.append(value)
    case .bytes(let value): writer.append(byteString: value)
    case .simple(let value): try writer.append(simple: value)
    case .date, .array, .map, .tagged:
      guard depth < CBOR.maxDepth else { throw writer.tooDeep() }
      try writeNested(to: writer, depth: depth + 1)
    }
  }

  private func writeNested(to writer: CBORWriter, depth: Int) throws {
    switch self {
    case .date(let date): writer.append(date)
    case .array(let array):
      writer.append(head: .array, UInt64(array.count))
      for element in array { try element.write(to: writer, depth: depth) }
    case .map(let map):
      writer.append(head: .map, UInt64(map.count))
      for (key, value) in map {
        try key.write(to: writer, depth: depth)
        try value.write(to: writer, depth: depth)
      }
    case .tagged(let tag, let value):
      writer.append(tag: tag)
      try value.write(to: writer, depth: depth)
    default: break
    }
  }
}

extension CBORWriter {
  fileprivate func append(simple value: UInt8) throws {
    if 20...23 ~= value {
      throw error("Simple value \(value) is a boolean, null or undefined, which are values of their own.", value: value)
    }
    if 24...31 ~= value { throw error("Simple value \(value) is reserved.", value: value) }
    if value > 31 { append(byte: 0xF8) }
    append(byte: value > 31 ? value : 0xE0 | value)
  }
}

extension Value: CBORDirectDecodable {
  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Value {
    try reader.readValue(depth: depth)
  }
}

extension CBORReader {
  mutating func readValue(depth: Int) throws(CBORFault) -> Value {
    let start = offset
    let head = try readHead()
    switch head.major {
    case .unsigned: return .integer(Int128(head.argument))
    case .negative: return .integer(~Int128(head.argument))
    case .bytes: return .bytes(try readBytes(head, start))
    case .text:
      return .string(head.isIndefinite ? try readChunkedString(start) : try string(head.argument, start))
    case .simple: return try simpleValue(head, start)
    case .array, .map, .tag:
      guard depth < CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
      return switch head.major {
      case .array: .array(try readElements(head, start, depth: depth + 1))
      case .map: .map(try readPairs(head, start, depth: depth + 1))
      default: Value(tag: head.argument, content: try readValue(depth: depth + 1))
      }
    }
  }

  private func simpleValue(_ head: CBORHead, _ start: Int) throws(CBORFault) -> Value {
    if let double = Self.double(head) { return .double(double) }
    try checkSimple(head, start)
    return switch head.argument {
    case 20: .bool(false)
    case 21: .bool(true)
    case 22: .null
    case 23: .undefined
    default: .simple(UInt8(head.argument))
    }
  }

  private mutating func readElements(_ head: CBORHead, _ start: Int, depth: Int) throws(CBORFault) -> [Value] {
    var array: [Value] = []
    if head.isIndefinite {
      while try !readBreak() { array.append(try readValue(depth: depth)) }
    } else {
      let count = try itemCount(head, bytesEach: 1, for: start)
      array.reserveCapacity(min(count, 256))
      for _ in 0..<count { array.append(try readValue(depth: depth)) }
    }
    return array
  }

  private mutating func readPairs(
    _ head: CBORHead,
    _ start: Int,
    depth: Int
  ) throws(CBORFault) -> OrderedDictionary<Value, Value> {
    var map = OrderedDictionary<Value, Value>()
    let count = head.isIndefinite ? nil : try itemCount(head, bytesEach: 2, for: start)
    map.reserveCapacity(min(count ?? 0, 256))
    while true {
      if let count, map.count == count { break }
      if count == nil, try readBreak() { break }
      let keyStart = offset
      let key = try readValue(depth: depth)
      if count == nil, try peek() == CBOR.breakByte { throw CBORFault(.oddMap, at: start) }
      let value = try readValue(depth: depth)
      guard map.updateValue(value, forKey: key) == nil else { throw CBORFault(.duplicateKey, at: keyStart) }
    }
    return map
  }
}
