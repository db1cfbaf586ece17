extension CBORReader {
  /// What the item at `start` is, in words, for an error.
  func describe(_ head: CBORHead) -> String {
    switch head.major {
    case .unsigned, .negative: "an integer"
    case .bytes: "a byte string"
    case .text: "a text string"
    case .array: "an array"
    case .map: "a map"
    case .tag: "an item with tag \(head.argument)"
    case .simple:
      switch (head.info, head.argument) {
      case (25..., _): "a floating-point number"
      case (_, 20), (_, 21): "a boolean"
      case (_, 22): "null"
      case (_, 23): "undefined"
      default: "simple value \(head.argument)"
      }
    }
  }

  /// The error that the item at `start` is not a `type`.
  @inline(never)
  func mismatch(_ type: any Any.Type, _ head: CBORHead, at start: Int) -> CBORFault {
    if head.major == .simple, head.info == 22 || head.info == 23 { return CBORFault(.null(expected: type), at: start) }
    return CBORFault(.mismatch(expected: type, found: describe(head)), at: start)
  }

  /// Whether null or undefined comes next; goes past it when it does.
  @inline(__always)
  mutating func readNull() throws(CBORFault) -> Bool {
    let byte = try peek()
    guard byte == CBOR.nullByte || byte == CBOR.undefinedByte else { return false }
    offset += 1
    return true
  }

  mutating func readBool() throws(CBORFault) -> Bool {
    let start = offset
    let head = try readHead()
    guard head.major == .simple, head.info == 20 || head.info == 21 else { throw mismatch(Bool.self, head, at: start) }
    return head.info == 21
  }

  @inline(__always)
  mutating func readInteger<I: FixedWidthInteger>(_ type: I.Type) throws(CBORFault) -> I {
    let start = offset
    let head = try readHead()
    switch head.major {
    case .unsigned:
      if let value = I(exactly: head.argument) { return value }
    case .negative:
      if I.bitWidth <= 64 {
        if head.argument <= UInt64(Int64.max), let value = I(exactly: ~Int64(head.argument)) { return value }
      } else if I.isSigned {
        return ~I(truncatingIfNeeded: head.argument)
      }
    case .tag where head.argument == CBOR.Tag.positiveBignum || head.argument == CBOR.Tag.negativeBignum:
      if let value: I = try readBignum(negative: head.argument == CBOR.Tag.negativeBignum) { return value }
    default:
      throw mismatch(type, head, at: start)
    }
    throw CBORFault(.unfit("The integer does not fit in \(type)"), at: start)
  }

  /// The byte string of a bignum as an integer, or nil when it doesn't fit.
  @inline(never)
  mutating func readBignum<I: FixedWidthInteger>(negative: Bool) throws(CBORFault) -> I? {
    guard let magnitude = Self.magnitude(try readBytes()) else { return nil }
    if !negative { return I(exactly: magnitude) }
    return Int128(exactly: magnitude).flatMap { I(exactly: ~$0) }
  }

  static func magnitude(_ bytes: [UInt8]) -> UInt128? {
    let digits = bytes.drop { $0 == 0 }
    guard digits.count <= 16 else { return nil }
    return digits.reduce(0) { $0 << 8 | UInt128($1) }
  }

  /// Reads a float, or an integer that a `Double` holds exactly: writers of JSON drop the `.0`.
  @inline(__always)
  mutating func readDouble(_ type: any Any.Type = Double.self) throws(CBORFault) -> Double {
    let start = offset
    let head = try readHead()
    if head.major == .simple, let value = Self.double(head) { return value }
    guard head.major == .unsigned || head.major == .negative else { throw mismatch(type, head, at: start) }
    let integer = head.major == .unsigned ? Int128(head.argument) : ~Int128(head.argument)
    guard let value = Double(exactly: integer) else {
      throw CBORFault(.unfit("The integer has no exact \(type)"), at: start)
    }
    return value
  }

  /// The value of a head that is a float, else nil.
  @inline(__always)
  static func double(_ head: CBORHead) -> Double? {
    switch head.info {
    case 27: Double(bitPattern: head.argument)
    case 26: Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.argument)))
    case 25: HalfPrecision.value(of: UInt16(truncatingIfNeeded: head.argument))
    default: nil
    }
  }

  /// Reads a float and rounds it to a `Float`.
  mutating func readFloat() throws(CBORFault) -> Float {
    let start = offset
    let value = try readDouble(Float.self)
    let float = Float(value)
    guard float.isFinite || !value.isFinite else {
      throw CBORFault(.unfit("The number does not fit in Float"), at: start)
    }
    return float
  }
}
