/// The bytes behind an entry's header: one CBOR item.
enum ValueCoding {
  @inline(__always)
  static func decode<T: Decodable>(_ type: T.Type, from bytes: UnsafeRawBufferPointer) throws -> T {
    unsafe try CBORDecodingSession.decode(type, from: bytes)
  }
}
