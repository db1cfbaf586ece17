struct CBORSingleValueDecoder: SingleValueDecodingContainer {
  let decoder: CBORValueDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }

  /// Reads the item and remembers where it ends.
  @inline(__always)
  private func read<T>(_ body: (inout CBORReader) throws(CBORFault) -> T) throws -> T {
    var reader = decoder.reader
    do throws(CBORFault) {
      let value = try body(&reader)
      finish(at: reader.offset)
      return value
    } catch {
      throw decoder.session.decodingError(error)
    }
  }

  @inline(__always)
  private func finish(at end: Int) {
    decoder.session.progress = CBORDecodingSession.Progress(start: decoder.offset, cursor: end)
  }

  func decodeNil() -> Bool {
    var reader = decoder.reader
    guard (try? reader.readNull()) == true else { return false }
    finish(at: reader.offset)
    return true
  }

  @inline(__always)
  private func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
    try read { reader throws(CBORFault) in try reader.readInteger(type) }
  }

  func decode(_ type: Bool.Type) throws -> Bool { try read { reader throws(CBORFault) in try reader.readBool() } }
  func decode(_ type: String.Type) throws -> String { try read { reader throws(CBORFault) in try reader.readString() } }
  func decode(_ type: Double.Type) throws -> Double { try read { reader throws(CBORFault) in try reader.readDouble() } }
  func decode(_ type: Float.Type) throws -> Float { try read { reader throws(CBORFault) in try reader.readFloat() } }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    try decoder.session.translatingFaults {
      var reader = decoder.reader
      let value = try decoder.session.decode(type, from: &reader, depth: decoder.depth)
      finish(at: reader.offset)
      return value
    }
  }
}
