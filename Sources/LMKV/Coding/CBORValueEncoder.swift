/// What `encode(to:)` gets: a writer and the frame of the value in it.
struct CBORValueEncoder: Encoder {
  let writer: CBORWriter
  let frame: Int

  var codingPath: [any CodingKey] { writer.codingPath(ofFrame: frame) }
  var userInfo: [CodingUserInfoKey: Any] { writer.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(CBORKeyedEncoder(writer: writer, frame: writer.open(.map, in: frame)))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    CBORUnkeyedEncoder(writer: writer, frame: writer.open(.array, in: frame))
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    CBORSingleValueEncoder(writer: writer, frame: frame)
  }
}

extension CBORWriter {
  /// The encoder of this writer's outermost frame, for `superEncoder`.
  var superEncoder: CBORValueEncoder {
    CBORValueEncoder(writer: self, frame: frameCount > 0 ? frame.id : 0)
  }

  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    superEncoder.container(keyedBy: type)
  }
}
