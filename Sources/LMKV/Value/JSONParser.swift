internal import OrderedCollections

/// Parses JSON (RFC 8259) into values, typed objects included.
struct JSONParser {
  /// What is wrong and at which byte.
  struct Fault: Error {
    var sentence: String
    var offset: Int
  }

  /// Enough for the deepest value that can be stored: a map in `$map` form takes three levels.
  static let maxDepth = 3 * CBOR.maxDepth + 128

  let bytes: [UInt8]
  var offset = 0
  private var depth = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Parses a text that is exactly one value.
  mutating func parseText() throws(Fault) -> Value {
    let value = try parseValue()
    skipSpace()
    if offset < bytes.count { throw fault("Unexpected \(described(bytes[offset])) behind the value") }
    return value
  }

  private mutating func parseValue() throws(Fault) -> Value {
    skipSpace()
    guard offset < bytes.count else { throw fault("The text ends where a value should begin") }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return try nested { parser throws(Fault) in try parser.parseObject() }
    case UInt8(ascii: "["): return try nested { parser throws(Fault) in .array(try parser.parseArray()) }
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", true)
    case UInt8(ascii: "f"): return try parseWord("false", false)
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw fault("Unexpected \(described(bytes[offset])) where a value should begin")
    }
  }

  private mutating func nested(_ parse: (inout JSONParser) throws(Fault) -> Value) throws(Fault) -> Value {
    guard depth < Self.maxDepth else { throw fault("Arrays and objects nest deeper than \(Self.maxDepth) levels") }
    depth += 1
    let value = try parse(&self)
    depth -= 1
    return value
  }

  private mutating func parseArray() throws(Fault) -> [Value] {
    var array: [Value] = []
    offset += 1
    if skip(UInt8(ascii: "]")) { return array }
    repeat { array.append(try parseValue()) } while try goesOn(until: UInt8(ascii: "]"))
    return array
  }

  private mutating func parseObject() throws(Fault) -> Value {
    let start = offset
    var map = OrderedDictionary<Value, Value>()
    offset += 1
    if skip(UInt8(ascii: "}")) { return .map(map) }
    repeat {
      skipSpace()
      let keyOffset = offset
      guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw fault("A key should begin here") }
      let key = try parseString()
      guard skip(UInt8(ascii: ":")) else { throw fault("A colon should follow the key") }
      let value = try parseValue()
      guard map.updateValue(value, forKey: .string(key)) == nil else {
        throw Fault(sentence: "The object has this key twice", offset: keyOffset)
      }
    } while try goesOn(until: UInt8(ascii: "}"))
    do throws(TypedJSON.Malformed) {
      return try TypedJSON.value(of: map)
    } catch {
      throw Fault(sentence: error.sentence, offset: start)
    }
  }

  /// After an item: true past a comma, false past the end.
  private mutating func goesOn(until end: UInt8) throws(Fault) -> Bool {
    if skip(UInt8(ascii: ",")) { return true }
    if skip(end) { return false }
    throw fault("A comma or \(described(end)) should follow")
  }

  private mutating func parseWord(_ word: String, _ value: Value) throws(Fault) -> Value {
    guard bytes[offset...].starts(with: word.utf8) else { throw fault("This is no value; a string needs quotes") }
    offset += word.utf8.count
    return value
  }

  private mutating func parseNumber() throws(Fault) -> Value {
    let start = offset
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let first = offset
    guard skipDigits() > 0 else { throw fault("A digit should follow") }
    if bytes[first] == UInt8(ascii: "0"), offset > first + 1 {
      throw Fault(sentence: "A number must not begin with 0", offset: start)
    }
    var isInteger = true
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      guard skipDigits() > 0 else { throw fault("A digit should follow the point") }
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      offset += 1
      if offset < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[offset]) { offset += 1 }
      guard skipDigits() > 0 else { throw fault("A digit should follow the exponent") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger {
      if let integer = Int128(text) { return .integer(integer) }
      throw Fault(sentence: "The integer needs more than 128 bits", offset: start)
    }
    guard let double = Double(text), double.isFinite else {
      throw Fault(sentence: "The number is larger than a double can be", offset: start)
    }
    return .double(double)
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while offset < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[offset] { offset += 1 }
    return offset - start
  }

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
  }

  /// Goes past space and then this byte, if it is there.
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  func fault(_ sentence: String) -> Fault {
    Fault(sentence: offset < bytes.count ? sentence : "\(sentence), but the text ends", offset: offset)
  }

  private func described(_ byte: UInt8) -> String {
    0x21...0x7E ~= byte ? "'\(Character(Unicode.Scalar(byte)))'" : "a byte \(byte)"
  }
}
