/// Encodes values as CBOR (RFC 8949).
///
///     let bytes = try CBOREncoder().encode(user)
///
/// Integers, floats, lengths and counts take their shortest form; maps keep the order in which they were written.
public struct CBOREncoder: Sendable {
  /// What `encode(to:)` finds in `encoder.userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable]

  public init(userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    self.userInfo = userInfo
  }

  /// Encodes one value as one data item.
  ///
  /// - Throws: `EncodingError.invalidValue` when arrays and maps nest deeper than 128 levels or when an
  ///   `encode(to:)` uses its containers out of turn; and whatever an `encode(to:)` throws.
  public func encode(_ value: some Encodable) throws -> [UInt8] {
    try CBORWriter.withPooled { writer in
      if !userInfo.isEmpty { writer.userInfo = userInfo }
      try writer.encode(value)
      return writer.bytes
    }
  }
}
