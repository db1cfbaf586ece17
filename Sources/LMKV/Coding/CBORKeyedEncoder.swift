struct CBORKeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: CBORWriter
  let frame: Int

  var codingPath: [any CodingKey] { writer.codingPath(ofFrame: frame) }

  /// Writes the key of the next pair.
  @inline(__always)
  private func begin(_ key: Key) throws {
    guard writer.isInnermost(frame) else { throw writer.outOfTurn() }
    let start = writer.count
    append(key)
    try writer.checkKey(at: start)
  }

  @inline(__always)
  private func append(_ key: some CodingKey) {
    let text = key.stringValue
    if let integer = CBORStoredKey.integer(for: key, text: text) {
      writer.append(integer)
    } else {
      writer.append(text)
    }
  }

  @inline(__always)
  private func append(_ key: Key, _ write: () -> Void) throws {
    try begin(key)
    write()
    writer.frame.count += 1
  }

  func encodeNil(forKey key: Key) throws { try append(key) { writer.appendNull() } }
  func encode(_ value: Bool, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: String, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Double, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Float, forKey key: Key) throws { try append(key) { writer.append(Double(value)) } }
  func encode(_ value: Int, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Int8, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Int16, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Int32, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Int64, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: Int128, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: UInt, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: UInt8, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: UInt16, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: UInt32, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: UInt64, forKey key: Key) throws { try append(key) { writer.append(value) } }
  func encode(_ value: UInt128, forKey key: Key) throws { try append(key) { writer.append(value) } }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    let mark = writer.mark
    let keyOffset = writer.count
    try begin(key)
    do {
      try writer.encode(value, key: keyOffset)
    } catch {
      writer.rollBack(to: mark)
      throw error
    }
    writer.frame.count += 1
  }

  /// A writer for the value of the next pair, or the one that this key was given before.
  ///
  /// Where there can be none, it is one that throws when it is written to.
  private func detach(_ key: some CodingKey) -> CBORWriter {
    guard writer.isInnermost(frame) else { return writer.detach(key: -1, in: 0) }
    let start = writer.count
    append(key)
    guard let value = writer.earlierValue(ofKeyAt: start) else { return writer.detach(key: start, in: frame) }
    writer.truncate(to: start)
    return writer.detachedWriter(at: value) ?? writer.detach(key: -1, in: 0)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    detach(key).nestedContainer(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    detach(key).superEncoder.unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    detach(CBORKey.super).superEncoder
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    detach(key).superEncoder
  }
}
