struct CBORSingleValueEncoder: SingleValueEncodingContainer {
  let writer: CBORWriter
  let frame: Int

  var codingPath: [any CodingKey] { writer.codingPath(ofFrame: frame) }

  /// Throws unless this is the first value of the innermost frame.
  @inline(__always)
  private func begin() throws {
    guard writer.isInnermost(frame), writer.frame.kind == .undecided else { throw writer.outOfTurn() }
    writer.frame.kind = .single
  }

  @inline(__always)
  private func append(_ value: some FixedWidthInteger) throws {
    try begin()
    writer.append(value)
  }

  func encodeNil() throws {
    try begin()
    writer.appendNull()
  }

  func encode(_ value: Bool) throws {
    try begin()
    writer.append(value)
  }

  func encode(_ value: String) throws {
    try begin()
    writer.append(value)
  }

  func encode(_ value: Double) throws {
    try begin()
    writer.append(value)
  }

  func encode(_ value: Float) throws {
    try begin()
    writer.append(Double(value))
  }

  func encode(_ value: Int) throws { try append(value) }
  func encode(_ value: Int8) throws { try append(value) }
  func encode(_ value: Int16) throws { try append(value) }
  func encode(_ value: Int32) throws { try append(value) }
  func encode(_ value: Int64) throws { try append(value) }
  func encode(_ value: Int128) throws { try append(value) }
  func encode(_ value: UInt) throws { try append(value) }
  func encode(_ value: UInt8) throws { try append(value) }
  func encode(_ value: UInt16) throws { try append(value) }
  func encode(_ value: UInt32) throws { try append(value) }
  func encode(_ value: UInt64) throws { try append(value) }
  func encode(_ value: UInt128) throws { try append(value) }

  func encode<T: Encodable>(_ value: T) throws {
    try begin()
    let mark = writer.mark
    do {
      try writer.encode(value, key: -1)
    } catch {
      writer.rollBack(to: mark)
      writer.frame.kind = .undecided
      throw error
    }
  }
}
