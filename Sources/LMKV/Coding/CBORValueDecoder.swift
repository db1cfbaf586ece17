/// What `init(from:)` gets: an item's place in the bytes.
struct CBORValueDecoder: Decoder {
  let session: CBORDecodingSession
  let offset: Int
  let depth: Int

  var codingPath: [any CodingKey] { session.codingPath(to: offset) }
  var userInfo: [CodingUserInfoKey: Any] { session.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try CBORKeyedDecoder<Key>(self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try CBORUnkeyedDecoder(self)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    CBORSingleValueDecoder(decoder: self)
  }

  /// A reader at the item.
  var reader: CBORReader {
    var reader = session.input
    reader.offset = offset
    return reader
  }
}
