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

/// Reads what the above and `Codable` write; unlike `Codable`'s own way, no pair is left out in silence: a key that is
/// no `Key` is an error, and so is one that is there twice.
extension Dictionary: CBORDirectDecodable where Key: Decodable, Value: Decodable {
  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> [Key: Value] {
    if Key.self == String.self {
      return cast(try readMap(&reader, session, depth) { reader throws(CBORFault) in try reader.readTextKey() })
    }
    if Key.self == Int.self {
      return cast(try readMap(&reader, session, depth) { reader throws(CBORFault) in try reader.readIntegerKey() })
    }
    guard let representable = Key.self as? any CodingKeyRepresentable.Type else {
      return try readPairs(&reader, session, depth)
    }
    return try readMap(&reader, session, depth) { reader throws(CBORFault) in
      let start = reader.offset
      let key = try reader.readCodingKey(for: Key.self)
      guard let key = representable.init(codingKey: key) as? Key else {
        throw CBORFault(.unfit("The key \"\(key.stringValue)\" is no \(Key.self)"), at: start)
      }
      return key
    }
  }

  private static func cast<Known>(_ dictionary: [Known: Value]) -> [Key: Value] {
    // Key is Known: the caller has compared the types.
    unsafe unsafeBitCast(dictionary, to: [Key: Value].self)
  }

  @inline(__always)
  private static func readMap<Known: Hashable>(
    _ reader: inout CBORReader,
    _ session: CBORDecodingSession,
    _ depth: Int,
    _ readKey: (inout CBORReader) throws(CBORFault) -> Known
  ) throws -> [Known: Value] {
    let head = try reader.openContainer(.map, as: Self.self, depth: depth)
    var result: [Known: Value] = [:]
    result.reserveCapacity(Swift.min(head.count, 64))
    for _ in 0..<head.count {
      let start = reader.offset
      let key = try readKey(&reader)
      let value = try session.decode(Value.self, from: &reader, depth: depth + 1)
      guard result.updateValue(value, forKey: key) == nil else {
        throw CBORFault(repetition(of: key, in: result), at: start)
      }
    }
    if head.isIndefinite { _ = try reader.readBreak() }
    return result
  }

  /// An array of keys and values in turn.
  private static func readPairs(
    _ reader: inout CBORReader,
    _ session: CBORDecodingSession,
    _ depth: Int
  ) throws -> [Key: Value] {
    let start = reader.offset
    let head = try reader.openContainer(.array, as: Self.self, depth: depth)
    guard head.count.isMultiple(of: 2) else {
      throw CBORFault(.unfit("An array of keys and values in turn ends with a key"), at: start)
    }
    var result: [Key: Value] = [:]
    result.reserveCapacity(Swift.min(head.count / 2, 64))
    for _ in 0..<head.count / 2 {
      let start = reader.offset
      let key = try session.decode(Key.self, from: &reader, depth: depth + 1)
      let value = try session.decode(Value.self, from: &reader, depth: depth + 1)
      guard result.updateValue(value, forKey: key) == nil else { throw CBORFault(.duplicateKey, at: start) }
    }
    if head.isIndefinite { _ = try reader.readBreak() }
    return result
  }

  /// What is wrong with a map in which a dictionary finds the key again.
  private static func repetition<Known>(of key: Known, in result: [Known: Value]) -> CBORFault.Reason {
    guard let text = key as? String, let former = result.index(forKey: key).map({ result[$0].key }) as? String
    else { return .duplicateKey }
    return former.hasSameBytes(as: text) ? .duplicateKey : .equivalentKeys(text)
  }
}

extension CBORReader {
  /// Reads a key as text; an integer becomes its digits.
  fileprivate mutating func readTextKey() throws(CBORFault) -> String {
    let major = try peek() >> 5
    return major <= CBORMajor.negative.rawValue ? String(try readInteger(Int128.self)) : try readString()
  }

  /// Reads a key as an integer; text may be its digits.
  fileprivate mutating func readIntegerKey() throws(CBORFault) -> Int {
    guard try peek() >> 5 == CBORMajor.text.rawValue else { return try readInteger(Int.self) }
    let start = offset
    guard let integer = Int(try readString()) else {
      throw CBORFault(.mismatch(expected: Int.self, found: "a text string"), at: start)
    }
    return integer
  }

  /// Reads a key that is text or an integer, for a type that is made of coding keys.
  fileprivate mutating func readCodingKey(for type: any Any.Type) throws(CBORFault) -> CBORKey {
    let start = offset
    let head = try readHead()
    offset = start
    switch head.major {
    case .text: return CBORKey(dictionaryKey: try readString())
    case .unsigned, .negative: return CBORKey(intValue: try readInteger(Int.self))
    default: throw mismatch(type, head, at: start)
    }
  }
}
