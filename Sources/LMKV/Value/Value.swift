internal import LMDB
public import OrderedCollections

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Any value that a store can hold, known only at run time.
///
///     var user: Value = ["name": "Ada", "born": 1815]
///     user["tags"] = ["mathematics", "computing"]
///     if user["born"] == 1815 { print(user["name"].string ?? "?") }
///
/// It is what CBOR (RFC 8949) can say, so every entry can be read as a `Value`, whoever wrote it. Types stay what they
/// are: the integer 1, the double 1.0 and `true` are three different values.
///
/// Two values are equal when they are the same kind and hold the same: maps as dictionaries do, in whatever order (but
/// the order is kept, in memory and in the store), doubles as numbers, so that 0.0 equals -0.0, but NaN equals NaN, so
/// that every value equals itself. Strings are equal when their bytes of UTF-8 are, as keys of a store are: unlike
/// `String`, a value tells "é" from "e" with a combining accent, so that a map holds both as keys, and "only if the
/// value is" means exactly what is stored.
public enum Value: Sendable {
  case null
  /// CBOR's `undefined`, which some languages tell from null.
  case undefined
  case bool(Bool)
  /// All integers of 128 bits; CBOR's own reach from -2^64 to 2^64 - 1, larger ones are stored as bignums.
  case integer(Int128)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  /// A point in time, stored as Unix seconds in a double: in steps of about 0.24 microseconds today.
  case date(Date)
  case array([Value])
  /// Pairs in the order in which they were written. Keys are mostly strings, but can be any value.
  case map(OrderedDictionary<Value, Value>)
  /// A value with a tag of RFC 8949, section 3.4, that has no case of its own here: what is tagged 1 and is a number is
  /// read back as a date, and bignums of up to 128 bits as integers.
  indirect case tagged(UInt64, Value)
  /// A simple value other than booleans, null and undefined: 0...19 or 32...255. Others can't be stored: 20...23 are the
  /// booleans, null and undefined, and 24...31 are reserved.
  case simple(UInt8)
}

extension Value: Equatable {
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null), (.undefined, .undefined): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.double(let left), .double(let right)): left == right || (left.isNaN && right.isNaN)
    case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
    case (.bytes(let left), .bytes(let right)): left == right
    case (.date(let left), .date(let right)): left == right || (left.isNaN && right.isNaN)
    case (.array(let left), .array(let right)): left == right
    case (.map(let left), .map(let right)):
      left.count == right.count && left.allSatisfy { key, value in right[key] == .some(value) }
    case (.tagged(let leftTag, let left), .tagged(let rightTag, let right)): leftTag == rightTag && left == right
    case (.simple(let left), .simple(let right)): left == right
    default: false
    }
  }
}

extension Value: Hashable {
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .undefined: hasher.combine(1)
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    // All NaNs are equal, so they hash alike. Double already does this for the two zeros.
    case .double(let value): hasher.combine(value.isNaN ? Double.nan : value)
    case .string(let value): hasher.combine(ExactString(value))
    case .bytes(let value): hasher.combine(value)
    case .date(let value): hasher.combine(value.isNaN ? 2 : value.timeIntervalSinceReferenceDate)
    case .array(let value): hasher.combine(value)
    case .map(let value):
      // Independent of order, as equality is.
      hasher.combine(value.count)
      hasher.combine(value.reduce(0) { $0 ^ Self.hash($1.key, $1.value) })
    case .tagged(let tag, let value):
      hasher.combine(tag)
      hasher.combine(value)
    case .simple(let value): hasher.combine(value)
    }
  }

  private static func hash(_ key: Value, _ value: Value) -> Int {
    var hasher = Hasher()
    hasher.combine(key)
    hasher.combine(value)
    return hasher.finalize()
  }
}

extension Date {
  fileprivate var isNaN: Bool { timeIntervalSinceReferenceDate.isNaN }
}

extension Value: CustomStringConvertible {
  /// The value as typed JSON on one line, for people to read.
  public var description: String { json }
}
