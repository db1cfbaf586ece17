internal import OrderedCollections

extension Value {
  /// The value that an encodable value is stored as.
  ///
  ///     let value = try Value(encoding: user)
  ///
  /// - Throws: what `CBOREncoder.encode` throws.
  public init(encoding value: some Encodable) throws {
    self = try CBORWriter.withPooled { writer in
      try writer.encode(value)
      return unsafe try writer.withUnsafeBytes { bytes in
        unsafe try CBORDecodingSession.decode(Value.self, from: bytes)
      }
    }
  }

  /// Decodes a type from this value, as if it had been read from the store.
  ///
  ///     let user = try value.decode(as: User.self)
  ///
  /// - Throws: what `CBORDecoder.decode` throws, `DecodingError.typeMismatch` above all.
  public func decode<T: Decodable>(as type: T.Type = T.self) throws -> T {
    try CBORWriter.withPooled { writer in
      try writer.encode(self)
      return unsafe try writer.withUnsafeBytes { bytes in
        unsafe try CBORDecodingSession.decode(type, from: bytes)
      }
    }
  }
}

/// With the coder of this library a value is the CBOR item that it stands for. With any other, such as
/// `JSONEncoder`, it is the typed JSON of ``json(pretty:)``, as far as that coder keeps types apart.
extension Value: Codable {
  public func encode(to encoder: any Encoder) throws {
    if let encoder = encoder as? CBORValueEncoder {
      var container = encoder.singleValueContainer()
      return try container.encode(self)
    }
    // The typed object is encoded as the map that it is; what is in it comes here again by itself.
    let typed = TypedJSON.object(for: self) ?? TypedJSON.pairs(ofEquivalentKeysIn: self)
    try (typed.map(Value.map) ?? self).encodePlain(to: encoder)
  }

  /// Encodes a value that is only of the kinds that JSON has.
  private func encodePlain(to encoder: any Encoder) throws {
    switch self {
    case .array(let array):
      var container = encoder.unkeyedContainer()
      for element in array { try container.encode(element) }
    case .map(let map):
      var container = encoder.container(keyedBy: CBORKey.self)
      for (key, value) in map { try container.encode(value, forKey: CBORKey(stringValue: key.string ?? "")) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .bool(let value): try container.encode(value)
      case .integer(let value): try Self.encode(value, to: &container)
      case .double(let value): try container.encode(value)
      case .string(let value): try container.encode(value)
      default: try container.encodeNil()
      }
    }
  }

  /// Most coders know no 128 bits.
  private static func encode(_ value: Int128, to container: inout any SingleValueEncodingContainer) throws {
    if let value = Int64(exactly: value) {
      try container.encode(value)
    } else if let value = UInt64(exactly: value) {
      try container.encode(value)
    } else {
      try container.encode(value)
    }
  }

  public init(from decoder: any Decoder) throws {
    if let decoder = decoder as? CBORValueDecoder {
      self = try decoder.singleValueContainer().decode(Value.self)
    } else {
      self = try Self.decodePlain(from: decoder)
    }
  }

  private static func decodePlain(from decoder: any Decoder) throws -> Value {
    if let keyed = try? decoder.container(keyedBy: CBORKey.self) {
      var map = OrderedDictionary<Value, Value>()
      for key in keyed.allKeys { map[.string(key.stringValue)] = try keyed.decode(Value.self, forKey: key) }
      do throws(TypedJSON.Malformed) {
        return try TypedJSON.value(of: map)
      } catch {
        throw DecodingError.dataCorruptedError(in: try decoder.singleValueContainer(), debugDescription: error.sentence)
      }
    }
    if var unkeyed = try? decoder.unkeyedContainer() {
      var array: [Value] = []
      while !unkeyed.isAtEnd { array.append(try unkeyed.decode(Value.self)) }
      return .array(array)
    }
    let single = try decoder.singleValueContainer()
    if single.decodeNil() { return .null }
    if let value = try? single.decode(Bool.self) { return .bool(value) }
    if let value = try? single.decode(Int64.self) { return .integer(Int128(value)) }
    if let value = try? single.decode(UInt64.self) { return .integer(Int128(value)) }
    if let value = try? single.decode(Int128.self) { return .integer(value) }
    if let value = try? single.decode(Double.self) { return .double(value) }
    return .string(try single.decode(String.self))
  }
}
