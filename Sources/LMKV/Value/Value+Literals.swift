internal import OrderedCollections

extension Value: ExpressibleByNilLiteral {
  public init(nilLiteral: ()) { self = .null }
}

extension Value: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int128) { self = .integer(value) }
}

extension Value: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Double) { self = .double(value) }
}

extension Value: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByStringInterpolation {}

extension Value: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
}

/// Keeps the order of the literal. A key that stands there twice keeps its first place and its last value.
extension Value: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (Value, Value)...) {
    self = .map(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
  }
}
