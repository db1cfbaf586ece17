extension CBORWriter {
  /// Appends a head with the shortest form of its argument.
  @inline(__always)
  func append(head major: CBORMajor, _ argument: UInt64) {
    if argument < 24 {
      append(byte: major.rawValue << 5 | UInt8(truncatingIfNeeded: argument))
    } else {
      appendLong(head: major, argument)
    }
  }

  @inline(never)
  private func appendLong(head major: CBORMajor, _ argument: UInt64) {
    let high = major.rawValue << 5
    switch argument {
    case 0...0xFF:
      append(byte: high | 24)
      append(byte: UInt8(truncatingIfNeeded: argument))
    case 0...0xFFFF:
      append(byte: high | 25)
      append(bigEndian: UInt16(truncatingIfNeeded: argument))
    case 0...0xFFFF_FFFF:
      append(byte: high | 26)
      append(bigEndian: UInt32(truncatingIfNeeded: argument))
    default:
      append(byte: high | 27)
      append(bigEndian: argument)
    }
  }

  /// How many bytes the shortest head with this argument takes.
  static func headSize(_ argument: UInt64) -> Int {
    switch argument {
    case 0..<24: 1
    case 0...0xFF: 2
    case 0...0xFFFF: 3
    case 0...0xFFFF_FFFF: 5
    default: 9
    }
  }

  @inline(__always)
  func append(tag: UInt64) {
    append(head: .tag, tag)
  }

  func appendNull() {
    append(byte: CBOR.nullByte)
  }

  @inline(__always)
  func append(_ value: Bool) {
    append(byte: value ? CBOR.trueByte : CBOR.falseByte)
  }

  /// Appends any integer: in the shortest form, beyond 64 bits as a bignum (tag 2 or 3).
  @inline(__always)
  func append<I: FixedWidthInteger>(_ value: I) {
    if I.bitWidth <= 64 {
      if value >= 0 {
        append(head: .unsigned, UInt64(truncatingIfNeeded: value))
      } else {
        append(head: .negative, UInt64(truncatingIfNeeded: ~Int64(truncatingIfNeeded: value)))
      }
    } else {
      appendWide(value)
    }
  }

  private func appendWide<I: FixedWidthInteger>(_ value: I) {
    let isNegative = value < 0
    let magnitude = isNegative ? UInt128(truncatingIfNeeded: ~value) : UInt128(truncatingIfNeeded: value)
    if let small = UInt64(exactly: magnitude) {
      append(head: isNegative ? .negative : .unsigned, small)
    } else {
      append(bignum: magnitude, tag: isNegative ? CBOR.Tag.negativeBignum : CBOR.Tag.positiveBignum)
    }
  }

  func append(bignum magnitude: UInt128, tag: UInt64) {
    append(tag: tag)
    let size = (128 - magnitude.leadingZeroBitCount + 7) / 8
    append(head: .bytes, UInt64(size))
    for byte in (0..<size).reversed() { append(byte: UInt8(truncatingIfNeeded: magnitude >> (8 * byte))) }
  }

  /// Appends a float in the shortest form that keeps its value: half, single or double precision.
  func append(_ value: Double) {
    let single = Float(value)
    if Double(single) == value {
      if let half = HalfPrecision.exactBits(of: single) {
        append(byte: 0xF9)
        append(bigEndian: half)
      } else {
        append(byte: 0xFA)
        append(bigEndian: single.bitPattern)
      }
    } else if value.isNaN {
      append(byte: 0xF9)
      append(bigEndian: HalfPrecision.canonicalNaN)
    } else {
      append(byte: 0xFB)
      append(bigEndian: value.bitPattern)
    }
  }

  @inline(__always)
  func append(_ value: String) {
    var copy = value
    // The closure sees the string's own UTF-8, valid for the call.
    copy.withUTF8 { utf8 in
      append(head: .text, UInt64(utf8.count))
      unsafe append(raw: UnsafeRawBufferPointer(utf8))
    }
  }

  func append(byteString bytes: UnsafeRawBufferPointer) {
    append(head: .bytes, UInt64(bytes.count))
    unsafe append(raw: bytes)
  }

  func append(byteString bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe append(byteString: $0) }
  }
}
