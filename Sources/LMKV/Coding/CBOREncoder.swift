/// Encodes values as CBOR (RFC 8949).
///
///     let bytes = try CBOREncoder().encode(user)
///
/// Integers, floats, lengths and counts take their shortest form; maps keep the order in which they were written.
/// Beside numbers, booleans, strings, arrays and maps there are:
///
/// | type | item |
/// |---|---|
/// | `Data`, `[UInt8]` | byte string |
/// | `nil` | null; in a struct the key is left out; inside an optional of an optional an error |
/// | `Date` | tag 1: Unix seconds, an integer when whole, else a float (in steps of about 0.24 microseconds today) |
/// | `URL` | tag 32, a text |
/// | `UUID` | tag 37, 16 bytes |
/// | `Decimal` | tag 4, an exact decimal fraction |
/// | integers beyond 64 bits | tags 2 and 3, bignums |
/// | keys with an integer, as in `[Int: String]` or `enum CodingKeys: Int` | integer |
/// | a value that encodes nothing | empty map |
public struct CBOREncoder: Sendable {
  /// What `encode(to:)` finds in `encoder.userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable]

  public init(userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    self.userInfo = userInfo
  }

  /// Encodes one value as one data item.
  ///
  /// - Throws: `EncodingError.invalidValue` when arrays, maps and tags nest deeper than 128 levels, when an
  ///   `encode(to:)` uses its containers out of turn, or when it encodes a key twice in a map of up to 32 keys (larger
  ///   ones are not checked); and whatever an `encode(to:)` throws.
  public func encode(_ value: some Encodable) throws -> [UInt8] {
    try CBORWriter.withPooled { writer in
      if !userInfo.isEmpty { writer.userInfo = userInfo }
      defer { if !userInfo.isEmpty { writer.userInfo = [:] } }
      try writer.encode(value)
      return writer.bytes
    }
  }
}
