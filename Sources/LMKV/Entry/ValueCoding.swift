/// The bytes behind an entry's header: one CBOR item.
enum ValueCoding {
  /// Decodes the item. The commonest types go to the reader at once; whatever is not in order goes the long way, which
  /// knows what to say about it.
  @inline(__always)
  static func decode<T: Decodable>(_ type: T.Type, from bytes: UnsafeRawBufferPointer) throws -> T {
    if T.self == Int.self, let value = unsafe plain(bytes, { $0.int() }) { return cast(value) }
    if T.self == [UInt8].self, let value = unsafe EntryReading.bytes(of: bytes) { return unsafe cast([UInt8](value)) }
    if T.self == String.self, let value = unsafe plain(bytes, { $0.string() }) { return cast(value) }
    return unsafe try CBORDecodingSession.decode(type, from: bytes)
  }

  /// Whether a value that was read is this one, or what this one becomes when it is stored.
  ///
  /// Not every value comes back as it was: of a `Date` that has more digits than are kept, or of what a type of the
  /// caller's leaves out, only the stored form can be compared.
  static func isStored<T: Codable & Equatable>(_ found: T, for given: T) throws -> Bool {
    if areExactlyEqual(found, given) { return true }
    do {
      return areExactlyEqual(
        found,
        try CBORWriter.withPooled { writer in
          try writer.encode(given)
          return unsafe try writer.withUnsafeBytes { unsafe try decode(T.self, from: $0) }
        }
      )
    } catch is EncodingError {
      // What can't be stored is not what is there.
      return false
    }
  }

  @inline(__always)
  private static func plain<T>(_ bytes: UnsafeRawBufferPointer, _ read: (inout CBORReader) -> T?) -> T? {
    var reader = unsafe CBORReader(bytes)
    guard let value = read(&reader), reader.remaining == 0 else { return nil }
    return value
  }

  /// The caller has compared the types, so the cast changes nothing.
  @inline(__always)
  private static func cast<Known, T>(_ value: Known) -> T {
    unsafe withUnsafePointer(to: value) { unsafe UnsafeRawPointer($0).assumingMemoryBound(to: T.self).pointee }
  }
}

extension CBORReader {
  @inline(__always)
  fileprivate mutating func int() -> Int? { try? readInteger(Int.self) }
  @inline(__always)
  fileprivate mutating func string() -> String? { try? readString() }
}
