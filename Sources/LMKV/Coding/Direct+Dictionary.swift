internal import LMDB

/// A dictionary whose keys are strings. Others go through `Codable`: integer keys become integers, keys that are
/// `CodingKeyRepresentable` what their coding keys are, and a dictionary with any other keys is an array of keys and
/// values in turn.
extension Dictionary: CBORDirectEncodable where Key == String, Value: Encodable {
  func write(to writer: CBORWriter, key: Int) throws {
    try writer.push(.countedMap, count: count, key: key)
    for (key, value) in self {
      let keyOffset = writer.count
      writer.append(key)
      try writer.encode(value, key: keyOffset)
    }
    try writer.close()
  }
}

extension Dictionary: CBORDirectDecodable where Key == String, Value: Decodable {
  static func read(
    from reader: inout CBORReader,
    in session: CBORDecodingSession,
    depth: Int
  ) throws -> [String: Value] {
    let head = try reader.openContainer(.map, as: Self.self, depth: depth)
    var result: [String: Value] = [:]
    result.reserveCapacity(Swift.min(head.count, 64))
    for _ in 0..<head.count {
      let start = reader.offset
      let key = try reader.readTextKey()
      let value = try session.decode(Value.self, from: &reader, depth: depth + 1)
      guard result.updateValue(value, forKey: key) == nil else { throw repeated(key, at: start, in: result) }
    }
    if head.isIndefinite { _ = try reader.readBreak() }
    return result
  }

  /// What is wrong with a map in which a dictionary finds the key again.
  private static func repeated(_ key: String, at offset: Int, in result: [String: Value]) -> CBORFault {
    let former = result.index(forKey: key).map { result[$0].key } ?? key
    return CBORFault(former.hasSameBytes(as: key) ? .duplicateKey : .equivalentKeys(key), at: offset)
  }
}

extension CBORReader {
  /// Reads a key as text; an integer becomes its digits.
  fileprivate mutating func readTextKey() throws(CBORFault) -> String {
    let major = try peek() >> 5
    return major <= CBORMajor.negative.rawValue ? String(try readInteger(Int128.self)) : try readString()
  }
}
