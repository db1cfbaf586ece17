/// Decodes values from CBOR (RFC 8949).
///
///     let user = try CBORDecoder().decode(User.self, from: bytes)
///
/// Integers, floats and booleans are different types: an integer is not read as a boolean, nor a float as an
/// integer. Three conversions are made, because other writers and JSON need them: an integer is read as a `Double`
/// or `Float` where that is exact, a float is rounded to a `Float`, and `Data` and `[UInt8]` are also read from an array
/// of integers, `URL` and `UUID` from text, `Decimal` from any number and from decimal text.
///
/// Indefinite lengths and other than shortest forms are read, too. Of a map with the same key twice, which is invalid
/// CBOR, a struct takes one of the two; a dictionary and a ``Value`` refuse it. A dictionary refuses a key that is none of its
/// own, too. Text keys are compared byte by byte.
/// Coding paths in errors are made of the keys in the bytes.
public struct CBORDecoder: Sendable {
  /// What `init(from:)` finds in `decoder.userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable]

  public init(userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    self.userInfo = userInfo
  }

  /// Decodes one value from bytes that are exactly one data item.
  ///
  /// - Throws: `DecodingError`. What is wrong with the bytes is `dataCorrupted` with a sentence and the byte's
  ///   offset: they end too early or too late, nest deeper than 128 levels, or are not well-formed. Bytes from
  ///   anywhere are safe to decode. And whatever an `init(from:)` throws.
  public func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
    unsafe try bytes.withUnsafeBytes { unsafe try CBORDecodingSession.decode(type, from: $0, userInfo: userInfo) }
  }

  /// Decodes one value from a span of memory, without a copy of it.
  public func decode<T: Decodable>(_ type: T.Type, from bytes: RawSpan) throws -> T {
    unsafe try bytes.withUnsafeBytes { unsafe try CBORDecodingSession.decode(type, from: $0, userInfo: userInfo) }
  }
}
