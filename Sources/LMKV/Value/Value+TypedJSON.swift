internal import OrderedCollections

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The objects of typed JSON: what each kind of value that JSON lacks looks like, and back. The schema is documented
/// at `json(pretty:)`.
enum TypedJSON {
  enum Name: String, CaseIterable {
    case date = "$date"
    case bytes = "$bytes"
    case double = "$double"
    case undefined = "$undefined"
    case simple = "$simple"
    case tag = "$tag"
    case map = "$map"
  }

  /// A typed object that is not what its name asks for.
  struct Malformed: Error {
    var sentence: String
  }

  /// The name and the content of a map that is a typed object, or would be taken for one.
  static func parts(of map: OrderedDictionary<Value, Value>) -> (name: Name, content: Value)? {
    guard map.count == 1, let (key, content) = map.elements.first, let text = key.string, text.utf8.first == 0x24
    else { return nil }
    return Name(rawValue: text).map { ($0, content) }
  }

  // MARK: From values

  /// The typed object for a value that JSON has no form for; nil for one that has.
  static func object(for value: Value) -> OrderedDictionary<Value, Value>? {
    func object(_ name: Name, _ content: Value) -> OrderedDictionary<Value, Value> { [.string(name.rawValue): content] }
    switch value {
    case .null, .bool, .integer, .string, .array: return nil
    case .undefined: return object(.undefined, true)
    case .double(let double) where double.isFinite: return nil
    case .double(let double):
      return object(.double, double.isNaN ? "NaN" : double < 0 ? "-Infinity" : "Infinity")
    case .bytes(let bytes): return object(.bytes, .string(Data(bytes).base64EncodedString()))
    case .date(let date):
      guard let milliseconds = milliseconds(of: date) else {
        return object(.tag, [1, .double(date.timeIntervalSince1970)])
      }
      return object(.date, milliseconds)
    case .tagged(let tag, let content): return object(.tag, [.integer(Int128(tag)), content])
    case .simple(let simple): return object(.simple, .integer(Int128(simple)))
    case .map(let map):
      if map.keys.allSatisfy({ $0.string != nil }), parts(of: map) == nil { return nil }
      return object(.map, .array(map.map { [$0.key, $0.value] }))
    }
  }

  /// The typed object for a map with string keys that Unicode takes for equal; nil for any other value. Coders such as
  /// `JSONEncoder` keep keys in a dictionary of theirs, which would lose one of them.
  static func pairs(ofEquivalentKeysIn value: Value) -> OrderedDictionary<Value, Value>? {
    guard case .map(let map) = value, Set(map.keys.lazy.compactMap(\.string)).count < map.count else { return nil }
    return [.string(Name.map.rawValue): .array(map.map { [$0.key, $0.value] })]
  }

  /// A number of milliseconds that gives exactly this date again: an integer where it is whole. Nil without one.
  private static func milliseconds(of date: Date) -> Value? {
    let seconds = date.timeIntervalSince1970
    guard seconds.isFinite else { return .double(seconds) }
    let product = seconds * 1000
    // A date counts from 2001, so near 1970 it has fewer digits than its seconds since then: dates are to be compared.
    func isExact(_ milliseconds: Double) -> Bool { Date(timeIntervalSince1970: milliseconds / 1000) == date }
    if let whole = Int64(exactly: product.rounded()), isExact(Double(whole)) { return .integer(Int128(whole)) }
    return [product, product.nextUp, product.nextDown].first(where: isExact).map { .double($0) }
  }

  // MARK: To values

  /// What a map stands for: itself, unless it is a typed object.
  static func value(of map: OrderedDictionary<Value, Value>) throws(Malformed) -> Value {
    guard let (name, content) = parts(of: map) else { return .map(map) }
    guard let value = try value(name, content) else {
      throw Malformed(sentence: "\"\(name.rawValue)\" needs \(requirement(name))")
    }
    return value
  }

  private static func value(_ name: Name, _ content: Value) throws(Malformed) -> Value? {
    switch (name, content) {
    case (.date, .integer(let milliseconds)):
      Double(exactly: milliseconds).map { .date(Date(timeIntervalSince1970: $0 / 1000)) }
    case (.date, .double(let milliseconds)): .date(Date(timeIntervalSince1970: milliseconds / 1000))
    case (.bytes, .string(let text)): Data(base64Encoded: text).map { .bytes([UInt8]($0)) }
    case (.double, "NaN"): .double(.nan)
    case (.double, "Infinity"): .double(.infinity)
    case (.double, "-Infinity"): .double(-.infinity)
    case (.undefined, true): .undefined
    case (.simple, .integer(let number)):
      UInt8(exactly: number).flatMap { 20...31 ~= $0 ? nil : .simple($0) }
    case (.tag, .array(let parts)) where parts.count == 2:
      if case .integer(let number) = parts[0] {
        UInt64(exactly: number).map { Value(tag: $0, content: parts[1]) }
      } else {
        nil
      }
    case (.map, .array(let pairs)): try map(pairs)
    default: nil
    }
  }

  private static func map(_ pairs: [Value]) throws(Malformed) -> Value? {
    var map = OrderedDictionary<Value, Value>()
    for pair in pairs {
      guard case .array(let pair) = pair, pair.count == 2 else { return nil }
      guard map.updateValue(pair[1], forKey: pair[0]) == nil else {
        throw Malformed(sentence: "A map has the same key twice")
      }
    }
    return .map(map)
  }

  private static func requirement(_ name: Name) -> String {
    switch name {
    case .date: "a number of milliseconds"
    case .bytes: "a string in base64"
    case .double: "\"NaN\", \"Infinity\" or \"-Infinity\""
    case .undefined: "true"
    case .simple: "an integer in 0...19 or 32...255"
    case .tag: "an array of a tag number and a value"
    case .map: "an array of arrays of a key and a value"
    }
  }
}

extension Value {
  /// What a tag and its content are: dates and integers have cases of their own.
  init(tag: UInt64, content: Value) {
    switch (tag, content) {
    case (CBOR.Tag.epochDate, .integer(let integer)):
      self = Double(exactly: integer).map { .date(Date(timeIntervalSince1970: $0)) } ?? .tagged(tag, content)
    case (CBOR.Tag.epochDate, .double(let seconds)):
      self = .date(Date(timeIntervalSince1970: seconds))
    case (CBOR.Tag.positiveBignum, .bytes(let bytes)), (CBOR.Tag.negativeBignum, .bytes(let bytes)):
      // Only the one form that the writer gives an integer: other bytes stay as they are.
      guard bytes.count > 8, bytes.first != 0,
        let magnitude = CBORReader.magnitude(bytes).flatMap(Int128.init(exactly:))
      else {
        self = .tagged(tag, content)
        return
      }
      self = .integer(tag == CBOR.Tag.negativeBignum ? ~magnitude : magnitude)
    default:
      self = .tagged(tag, content)
    }
  }
}
