import LMKV

/// A type that a value is read or written as, and how the model does it.
protocol ModelledType: Codable, Equatable, Sendable {
  /// Nil where the value is of another type.
  init?(modelled value: Value)
  var modelled: Value { get }
}

extension ModelledType {
  static func reading(_ value: Value) throws -> Self {
    guard let read = Self(modelled: value) else { throw Model.Refusal(.typeMismatch) }
    return read
  }
}

extension ModelledType where Self: FixedWidthInteger {
  init?(modelled value: Value) {
    guard case .integer(let integer) = value, let exact = Self(exactly: integer) else { return nil }
    self = exact
  }

  var modelled: Value { .integer(Int128(self)) }
}

extension Int: ModelledType {}
extension Int8: ModelledType {}
extension UInt64: ModelledType {}

extension Double: ModelledType {
  /// An integer is read as a double where that is exact; one of more than 64 bits is another thing.
  init?(modelled value: Value) {
    switch value {
    case .double(let double): self = double
    case .integer(let integer):
      guard (-1 << 64..<1 << 64).contains(integer), let exact = Double(exactly: integer) else { return nil }
      self = exact
    default: return nil
    }
  }

  var modelled: Value { .double(self) }
}

/// A double that is stored as one: what a double can be added to.
struct StoredDouble: ModelledType {
  let number: Double

  init(_ number: Double) {
    self.number = number
  }

  init?(modelled value: Value) {
    guard case .double(let double) = value else { return nil }
    number = double
  }

  var modelled: Value { .double(number) }
}

extension String: ModelledType {
  init?(modelled value: Value) {
    guard case .string(let string) = value else { return nil }
    self = string
  }

  var modelled: Value { .string(self) }
}

extension Bool: ModelledType {
  init?(modelled value: Value) {
    guard case .bool(let bool) = value else { return nil }
    self = bool
  }

  var modelled: Value { .bool(self) }
}

extension Array: ModelledType where Element: ModelledType {
  init?(modelled value: Value) {
    guard case .array(let elements) = value else { return nil }
    self = []
    for element in elements {
      guard let element = Element(modelled: element) else { return nil }
      append(element)
    }
  }

  var modelled: Value { .array(map(\.modelled)) }
}
