/// Null, or the value. A nil in an optional of an optional, which would come back as the outer nil, is an error.
extension Optional: CBORDirectEncodable where Wrapped: Encodable {
  func write(to writer: CBORWriter, key: Int) throws {
    guard let wrapped = self else { return writer.appendNull() }
    let start = writer.count
    try writer.encode(wrapped, key: key)
    guard writer.isNull(at: start), wrapped is any OptionalValue else { return }
    throw writer.error(
      "A nil inside an optional of an optional cannot be told from nil itself. Use an enumeration of your own.",
      value: self as Any
    )
  }
}

extension Optional: CBORDirectDecodable where Wrapped: Decodable {
  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Wrapped? {
    if try reader.readNull() { return nil }
    return try session.decode(Wrapped.self, from: &reader, depth: depth)
  }
}

/// An optional of any type, to know one when its type is not known.
protocol OptionalValue {}

extension Optional: OptionalValue {}

extension CBORWriter {
  /// Whether what was written from this offset on is null.
  fileprivate func isNull(at start: Int) -> Bool {
    guard count == start + 1 else { return false }
    return unsafe withUnsafeBytes { unsafe $0[start] == CBOR.nullByte }
  }
}
