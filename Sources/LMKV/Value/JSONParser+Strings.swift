extension JSONParser {
  /// Parses a string; the parser is at its opening quote.
  mutating func parseString() throws(Fault) -> String {
    offset += 1
    var utf8: [UInt8] = []
    let start = offset
    while true {
      let plain = offset
      while offset < bytes.count, bytes[offset] >= 0x20,
        ![UInt8(ascii: "\""), UInt8(ascii: "\\")].contains(bytes[offset])
      {
        offset += 1
      }
      utf8 += bytes[plain..<offset]
      guard offset < bytes.count else { throw fault("The string has no end") }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        guard let string = String(validating: utf8, as: UTF8.self) else {
          throw Fault(sentence: "The string is not valid UTF-8", offset: start)
        }
        return string
      case UInt8(ascii: "\\"):
        offset += 1
        utf8 += String(try parseEscape()).utf8
      default:
        throw fault("A control character in a string has to be escaped")
      }
    }
  }

  private mutating func parseEscape() throws(Fault) -> Unicode.Scalar {
    guard offset < bytes.count else { throw fault("An escape should follow") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseUnicodeEscape()
    default: throw Fault(sentence: "This escape does not exist", offset: offset - 2)
    }
  }

  /// Parses four hexadecimal digits, and for a high surrogate the low one that has to follow.
  private mutating func parseUnicodeEscape() throws(Fault) -> Unicode.Scalar {
    let start = offset - 2
    let first = try parseHex()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
      offset += 2
      let second = try parseHex()
      if 0xDC00...0xDFFF ~= second, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) {
        return scalar
      }
    }
    throw Fault(sentence: "Half of a surrogate pair stands alone", offset: start)
  }

  private mutating func parseHex() throws(Fault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw fault("Four hexadecimal digits should follow")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }
}
