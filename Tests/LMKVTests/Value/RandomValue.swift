import Foundation
import LMKV

extension Value {
  /// Any value, with a taste for what is hard: edges of integers, odd floats and strings, keys of every kind, and maps
  /// that look like typed JSON.
  static func random(using random: inout SeededGenerator, depth: Int = 0) -> Value {
    switch Int.random(in: 0..<(depth < 4 ? 16 : 11), using: &random) {
    case 0: .null
    case 1: .undefined
    case 2: .bool(.random(using: &random))
    case 3, 4: .integer(randomInteger(using: &random))
    case 5: .double(randomDouble(using: &random))
    case 6, 7: .string(randomString(using: &random))
    case 8: .bytes((0..<Int.random(in: 0...40, using: &random)).map { _ in .random(in: 0...255, using: &random) })
    case 9: .date(randomDate(using: &random))
    case 10: .simple([0, 1, 19, 32, 128, 255].randomElement(using: &random) ?? 0)
    case 11, 12:
      .array((0..<Int.random(in: 0...30, using: &random)).map { _ in .random(using: &random, depth: depth + 2) })
    case 13, 14: randomMap(using: &random, depth: depth)
    default:
      .tagged(
        [0, 5, 23, 24, 256, 65536, .max].randomElement(using: &random) ?? 0,
        .random(using: &random, depth: depth + 1)
      )
    }
  }

  private static func randomInteger(using random: inout SeededGenerator) -> Int128 {
    let edges: [Int128] = [
      0, 23, 24, 255, 256, 65535, 65536, 0xFFFF_FFFF, 0x1_0000_0000, Int128(UInt64.max), Int128(UInt64.max) + 1, .max,
    ]
    let magnitude =
      Bool.random(using: &random)
      ? edges.randomElement(using: &random) ?? 0
      : .random(in: 0 ... .max, using: &random) >> Int.random(in: 0...126, using: &random)
    return Bool.random(using: &random) ? magnitude : ~magnitude
  }

  private static func randomDouble(using random: inout SeededGenerator) -> Double {
    let odd: [Double] = [
      0, -0.0, 1, -1.5, 0.1, 1e300, 1e-300, 65504, 65520, 5.960464477539063e-8, .infinity, -.infinity, .nan,
      .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e15, 1e16, 123_456_789,
    ]
    return switch Int.random(in: 0..<3, using: &random) {
    case 0: odd.randomElement(using: &random) ?? 0
    case 1: Double(Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random)))
    default: Double(bitPattern: .random(in: 0 ... .max, using: &random))
    }
  }

  private static func randomString(using random: inout SeededGenerator) -> String {
    let pieces = [
      "a", "key", "\"", "\\", "/", "\u{0}", "\u{1F}", "\n", "\u{7F}", "\u{85}", "ü", "e\u{301}", "水", "👩‍👩‍👧", "\u{10FFFF}",
      "\u{2028}", "$", "\r\n", "\u{FEFF}", " ",
    ]
    return (0..<Int.random(in: 0...9, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  private static func randomDate(using random: inout SeededGenerator) -> Date {
    let seconds: Double =
      switch Int.random(in: 0..<4, using: &random) {
      case 0: Double(Int.random(in: -100_000_000_000...100_000_000_000, using: &random))
      case 1: Double(Int.random(in: 1_000_000_000_000...2_000_000_000_000, using: &random)) / 1000
      case 2: Double.random(in: 1_000_000_000...2_000_000_000, using: &random)
      default: [0, 0.5, -1, .infinity].randomElement(using: &random) ?? 0
      }
    return Date(timeIntervalSince1970: seconds)
  }

  private static func randomMap(using random: inout SeededGenerator, depth: Int) -> Value {
    if Int.random(in: 0..<6, using: &random) == 0 {
      let names = ["$date", "$bytes", "$double", "$undefined", "$simple", "$tag", "$map", "$other", "$"]
      return [.string(names.randomElement(using: &random) ?? "$"): .random(using: &random, depth: depth + 2)]
    }
    var map: Value = [:]
    let anyKeys = Int.random(in: 0..<4, using: &random) == 0
    for _ in 0..<Int.random(in: 0...26, using: &random) {
      let key: Value = anyKeys ? .random(using: &random, depth: depth + 3) : .string(randomString(using: &random))
      map[key] = .random(using: &random, depth: depth + 2)
    }
    return map
  }
}
