#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Tag 4, a decimal fraction: an array of the exponent of 10 and the integer that it scales. Exact.
///
/// Also read from an integer, from a float as its shortest decimal text, and from decimal text, because that is how
/// other writers and JSON have it. NaN is the float.
extension Decimal: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) throws {
    guard !isNaN else { return writer.append(Double.nan) }
    try writer.checkDepth(adding: 2)
    // At most 38 digits, or 39 that fit in 128 bits.
    guard let magnitude = UInt128(Decimal(sign: .plus, exponent: 0, significand: significand.magnitude).description)
    else { throw writer.error("The significand of a Decimal is larger than 128 bits.", value: self) }
    writer.append(tag: CBOR.Tag.decimalFraction)
    writer.append(head: .array, 2)
    writer.append(magnitude == 0 ? 0 : exponent)
    if sign == .minus, magnitude > 0 {
      writer.append(negated: magnitude)
    } else {
      writer.append(magnitude)
    }
  }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Decimal {
    let start = reader.offset
    let text = try reader.readDecimalText()
    guard let decimal = Decimal(string: text), decimal.isFinite else {
      if text == "nan" { return .nan }
      throw CBORFault(.unfit("The number does not fit in Decimal"), at: start)
    }
    return decimal
  }
}

extension CBORReader {
  /// Reads a number as decimal text.
  fileprivate mutating func readDecimalText() throws(CBORFault) -> String {
    let start = offset
    let head = try readHead()
    switch head.major {
    case .tag where head.argument == CBOR.Tag.decimalFraction:
      let fraction = try readHead()
      guard fraction.major == .array, fraction.argument == 2, !fraction.isIndefinite else {
        throw CBORFault(.unfit("A decimal fraction is an array of two integers"), at: start)
      }
      let exponent = try readInteger(Int.self)
      return "\(try readSignedMagnitude())e\(exponent)"
    case .unsigned, .negative, .tag:
      offset = start
      return "\(try readInteger(Int128.self))"
    case .simple where Self.double(head) != nil:
      offset = start
      return "\(try readDouble(Decimal.self))"
    case .text:
      offset = start
      let text = try readString()
      guard text.isDecimalNumber else { throw CBORFault(.unfit("The text is not a decimal number"), at: start) }
      return text
    default:
      throw mismatch(Decimal.self, head, at: start)
    }
  }

  /// Reads an integer of 128 bits and a sign.
  private mutating func readSignedMagnitude() throws(CBORFault) -> String {
    let start = offset
    if let positive = try? readInteger(UInt128.self) { return "\(positive)" }
    offset = start
    let head = try readHead()
    if head.major == .tag, head.argument == CBOR.Tag.negativeBignum {
      guard let magnitude = Self.magnitude(try readBytes()), magnitude < .max else {
        throw CBORFault(.unfit("The integer does not fit in Decimal"), at: start)
      }
      return "-\(magnitude + 1)"
    }
    offset = start
    return "\(try readInteger(Int128.self))"
  }
}

extension CBORWriter {
  /// Appends the negative of a magnitude above zero.
  fileprivate func append(negated magnitude: UInt128) {
    let argument = magnitude - 1
    if let small = UInt64(exactly: argument) {
      append(head: .negative, small)
    } else {
      append(bignum: argument, tag: CBOR.Tag.negativeBignum)
    }
  }
}

extension String {
  /// Digits with at most one point, a sign in front and an exponent behind; `Decimal` itself takes any prefix.
  fileprivate var isDecimalNumber: Bool {
    Double(self).map(\.isFinite) == true && utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
  }
}
