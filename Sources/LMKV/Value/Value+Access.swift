public import OrderedCollections

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// What a value is, nil when it is something else: no kind is converted to another.
extension Value {
  public var isNull: Bool { self == .null }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The integer, nil also when it needs more than 64 bits.
  public var int: Int? {
    if case .integer(let value) = self { Int(exactly: value) } else { nil }
  }

  public var double: Double? {
    if case .double(let value) = self { value } else { nil }
  }

  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var bytes: [UInt8]? {
    if case .bytes(let value) = self { value } else { nil }
  }

  public var date: Date? {
    if case .date(let value) = self { value } else { nil }
  }

  public var array: [Value]? {
    if case .array(let value) = self { value } else { nil }
  }

  public var map: OrderedDictionary<Value, Value>? {
    if case .map(let value) = self { value } else { nil }
  }
}
