struct CBORUnkeyedEncoder: UnkeyedEncodingContainer {
  let writer: CBORWriter
  let frame: Int

  var codingPath: [any CodingKey] { writer.codingPath(ofFrame: frame) }

  var count: Int { writer.index(ofFrame: frame).map { writer.frame(at: $0).count } ?? 0 }

  @inline(__always)
  private func begin() throws {
    guard writer.isInnermost(frame) else { throw writer.outOfTurn() }
  }

  @inline(__always)
  private func append(_ write: () -> Void) throws {
    try begin()
    write()
    writer.frame.count += 1
  }

  func encodeNil() throws { try append { writer.appendNull() } }
  func encode(_ value: Bool) throws { try append { writer.append(value) } }
  func encode(_ value: String) throws { try append { writer.append(value) } }
  func encode(_ value: Double) throws { try append { writer.append(value) } }
  func encode(_ value: Float) throws { try append { writer.append(Double(value)) } }
  func encode(_ value: Int) throws { try append { writer.append(value) } }
  func encode(_ value: Int8) throws { try append { writer.append(value) } }
  func encode(_ value: Int16) throws { try append { writer.append(value) } }
  func encode(_ value: Int32) throws { try append { writer.append(value) } }
  func encode(_ value: Int64) throws { try append { writer.append(value) } }
  func encode(_ value: Int128) throws { try append { writer.append(value) } }
  func encode(_ value: UInt) throws { try append { writer.append(value) } }
  func encode(_ value: UInt8) throws { try append { writer.append(value) } }
  func encode(_ value: UInt16) throws { try append { writer.append(value) } }
  func encode(_ value: UInt32) throws { try append { writer.append(value) } }
  func encode(_ value: UInt64) throws { try append { writer.append(value) } }
  func encode(_ value: UInt128) throws { try append { writer.append(value) } }

  func encode<T: Encodable>(_ value: T) throws {
    try begin()
    let mark = writer.mark
    do {
      try writer.encode(value, key: -1)
    } catch {
      writer.rollBack(to: mark)
      throw error
    }
    writer.frame.count += 1
  }

  func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
    writer.detach(key: -1, in: frame).nestedContainer(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    writer.detach(key: -1, in: frame).superEncoder.unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    writer.detach(key: -1, in: frame).superEncoder
  }
}
