/// IEEE 754 half precision as bit patterns, because `Float16` does not exist on every platform.
enum HalfPrecision {
  static let canonicalNaN: UInt16 = 0x7E00

  /// The half-precision bits of a number that is not NaN, or nil when half precision would change its value.
  static func exactBits(of value: Float) -> UInt16? {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let fraction = bits & 0x7F_FFFF
    let biased = Int(bits >> 23 & 0xFF)
    switch biased {
    case 0:
      return fraction == 0 ? sign : nil
    case 0xFF:
      return fraction == 0 ? sign | 0x7C00 : nil
    case 113...142:  // exponents -14...15: a normal half
      guard fraction & 0x1FFF == 0 else { return nil }
      return sign | UInt16(biased - 112) << 10 | UInt16(truncatingIfNeeded: fraction >> 13)
    case 103...112:  // exponents -24...-15: a subnormal half
      let significand = fraction | 0x80_0000
      let shift = 126 - biased
      guard significand & (1 << shift - 1) == 0 else { return nil }
      return sign | UInt16(truncatingIfNeeded: significand >> shift)
    default:
      return nil
    }
  }

  /// The value of half-precision bits. Exact; NaN stays NaN.
  static func value(of bits: UInt16) -> Double {
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Double(bits & 0x3FF)
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
