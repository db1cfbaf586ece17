struct CBORKeyedDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let session: CBORDecodingSession
  let map: CBORMapLocation

  init(_ decoder: CBORValueDecoder) throws {
    session = decoder.session
    var reader = decoder.reader
    do throws(CBORFault) {
      let head = try reader.openContainer(.map, as: [String: Any].self, depth: decoder.depth)
      map = CBORMapLocation(
        start: decoder.offset,
        first: reader.offset,
        count: head.count,
        isIndefinite: head.isIndefinite,
        depth: decoder.depth + 1
      )
    } catch {
      throw decoder.session.decodingError(error)
    }
    session.progress = map.beginning
  }

  var codingPath: [any CodingKey] { session.codingPath(to: map.start) }

  var allKeys: [Key] {
    session.keys(in: map).compactMap { key in
      key.intValue.flatMap { Key(intValue: $0) } ?? Key(stringValue: key.stringValue)
    }
  }

  func contains(_ key: Key) -> Bool {
    // A map that can't be read has no keys; reading one of them throws.
    (try? session.find(key, in: map)) != nil
  }

  /// Reads the value of a key with the body, nil when there is none.
  @inline(__always)
  private func readIfPresent<T>(_ key: some CodingKey, _ body: (inout CBORReader) throws(CBORFault) -> T) throws -> T? {
    do throws(CBORFault) {
      guard var reader = try session.find(key, in: map) else { return nil }
      let value = try body(&reader)
      session.advance(map, to: reader.offset)
      return value
    } catch {
      throw session.decodingError(error)
    }
  }

  @inline(__always)
  private func read<T>(_ key: Key, _ body: (inout CBORReader) throws(CBORFault) -> T) throws -> T {
    guard let value = try readIfPresent(key, body) else { throw notFound(key) }
    return value
  }

  /// The same for a value that may be null.
  @inline(__always)
  private func readIfNotNull<T>(_ key: Key, _ body: (inout CBORReader) throws(CBORFault) -> T) throws -> T? {
    try readIfPresent(key) { reader throws(CBORFault) -> T? in
      if try reader.readNull() { return nil }
      return try body(&reader)
    } ?? nil
  }

  @inline(never)
  private func notFound(_ key: some CodingKey) -> DecodingError {
    .keyNotFound(
      key,
      DecodingError.Context(codingPath: codingPath, debugDescription: "No value for the key \"\(key.stringValue)\".")
    )
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    do throws(CBORFault) {
      guard var reader = try session.find(key, in: map) else { throw notFoundMarker }
      return try reader.readNull()
    } catch {
      throw error.offset < 0 ? notFound(key) : session.decodingError(error)
    }
  }

  private var notFoundMarker: CBORFault { CBORFault(.endOfInput, at: -1) }

  @inline(__always)
  private func integer<I: FixedWidthInteger>(_ type: I.Type, _ key: Key) throws -> I {
    try read(key) { reader throws(CBORFault) in try reader.readInteger(type) }
  }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    try read(key) { reader throws(CBORFault) in try reader.readBool() }
  }
  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try read(key) { reader throws(CBORFault) in try reader.readString() }
  }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    try read(key) { reader throws(CBORFault) in try reader.readDouble() }
  }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    try read(key) { reader throws(CBORFault) in try reader.readFloat() }
  }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(type, key) }
  func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try integer(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(type, key) }
  func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try integer(type, key) }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try session.translatingFaults {
      guard var reader = try session.find(key, in: map) else { throw notFound(key) }
      return try decode(type, from: &reader)
    }
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try session.translatingFaults {
      guard var reader = try session.find(key, in: map) else { return nil }
      let start = reader.offset
      guard try reader.readNull() else { return try decode(type, from: &reader) }
      // An optional knows a nil of its own, which is not the absent key.
      if T.self is any OptionalValue.Type {
        reader.offset = start
        return try decode(type, from: &reader)
      }
      session.advance(map, to: reader.offset)
      return nil
    }
  }

  @inline(__always)
  private func decode<T: Decodable>(_ type: T.Type, from reader: inout CBORReader) throws -> T {
    let value = try session.decode(type, from: &reader, depth: map.depth)
    session.advance(map, to: reader.offset)
    return value
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try readIfNotNull(key) { reader throws(CBORFault) in try reader.readBool() }
  }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try readIfNotNull(key) { reader throws(CBORFault) in try reader.readString() }
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try readIfNotNull(key) { reader throws(CBORFault) in try reader.readDouble() }
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    try readIfNotNull(key) { reader throws(CBORFault) in try reader.readInteger(type) }
  }

  private func decoder(_ key: some CodingKey) throws -> CBORValueDecoder {
    try session.translatingFaults {
      guard let reader = try session.find(key, in: map) else { throw notFound(key) }
      return CBORValueDecoder(session: session, offset: reader.offset, depth: map.depth)
    }
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try decoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try decoder(CBORKey.super) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}
