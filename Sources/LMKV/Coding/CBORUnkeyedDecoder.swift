struct CBORUnkeyedDecoder: UnkeyedDecodingContainer {
  private let session: CBORDecodingSession
  private let start: Int
  private let depth: Int
  private let total: Int
  private let isIndefinite: Bool
  private var offset: Int
  private(set) var currentIndex = 0

  init(_ decoder: CBORValueDecoder) throws {
    session = decoder.session
    start = decoder.offset
    depth = decoder.depth + 1
    var reader = decoder.reader
    do throws(CBORFault) {
      (total, isIndefinite) = try reader.openContainer(.array, as: [Any].self, depth: decoder.depth)
    } catch {
      throw decoder.session.decodingError(error)
    }
    offset = reader.offset
    remember()
  }

  var codingPath: [any CodingKey] { session.codingPath(to: start) }
  var count: Int? { total }
  var isAtEnd: Bool { currentIndex >= total }

  private func remember() {
    session.progress = CBORDecodingSession.Progress(
      start: start,
      cursor: offset,
      remaining: total - currentIndex,
      isIndefinite: isIndefinite,
      depth: depth
    )
  }

  /// Reads the next element with the body; only when it succeeds is the element used up.
  @inline(__always)
  private mutating func next<T>(
    _ type: any Any.Type,
    _ body: (inout CBORReader) throws -> T
  ) throws -> T {
    guard currentIndex < total else { throw atEnd(type) }
    return try session.translatingFaults {
      var reader = session.input
      reader.offset = offset
      let value = try body(&reader)
      offset = reader.offset
      currentIndex += 1
      remember()
      return value
    }
  }

  private func atEnd(_ type: any Any.Type) -> DecodingError {
    .valueNotFound(
      type,
      DecodingError.Context(
        codingPath: codingPath + [CBORKey(index: currentIndex)],
        debugDescription: "The array has no more than \(total) elements."
      )
    )
  }

  mutating func decodeNil() throws -> Bool {
    guard currentIndex < total else { throw atEnd(Never?.self) }
    return try session.translatingFaults {
      var reader = session.input
      reader.offset = offset
      guard try reader.readNull() else { return false }
      offset = reader.offset
      currentIndex += 1
      remember()
      return true
    }
  }

  @inline(__always)
  private mutating func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
    try next(type) { try $0.readInteger(type) }
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try next(type) { try $0.readBool() } }
  mutating func decode(_ type: String.Type) throws -> String { try next(type) { try $0.readString() } }
  mutating func decode(_ type: Double.Type) throws -> Double { try next(type) { try $0.readDouble() } }
  mutating func decode(_ type: Float.Type) throws -> Float { try next(type) { try $0.readFloat() } }
  mutating func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  mutating func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let session = session
    let depth = depth
    return try next(type) { try session.decode(type, from: &$0, depth: depth) }
  }

  /// The decoder of the next element, which is thereby used up.
  private mutating func nextDecoder(_ type: any Any.Type) throws -> CBORValueDecoder {
    let decoder = CBORValueDecoder(session: session, offset: offset, depth: depth)
    let depth = depth
    try next(type) { try $0.skip(depth: depth) }
    return decoder
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try nextDecoder([String: Any].self).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try nextDecoder([Any].self).unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder {
    try nextDecoder((any Decoder).self)
  }
}
