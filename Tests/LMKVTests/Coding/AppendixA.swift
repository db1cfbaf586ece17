import Foundation
import LMKV
import Testing

/// One row of RFC 8949, Appendix A.
struct Vector: Sendable, CustomTestStringConvertible {
  var hex: String
  var value: Value
  /// Whether our writer gives these bytes: the shortest form with definite lengths.
  var isOurForm = true

  var testDescription: String { hex }

  static func other(_ hex: String, _ value: Value) -> Vector { Vector(hex: hex, value: value, isOurForm: false) }
}

private func v(_ hex: String, _ value: Value) -> Vector { Vector(hex: hex, value: value) }

private let oneTo25 = Value.array((1...25).map { .integer($0) })

/// RFC 8949, Appendix A, all rows in the RFC's order.
let appendixA: [Vector] = [
  v("00", 0),
  v("01", 1),
  v("0a", 10),
  v("17", 23),
  v("1818", 24),
  v("1819", 25),
  v("1864", 100),
  v("1903e8", 1000),
  v("1a000f4240", 1_000_000),
  v("1b000000e8d4a51000", 1_000_000_000_000),
  v("1bffffffffffffffff", 18_446_744_073_709_551_615),
  v("c249010000000000000000", 18_446_744_073_709_551_616),
  v("3bffffffffffffffff", -18_446_744_073_709_551_616),
  v("c349010000000000000000", -18_446_744_073_709_551_617),
  v("20", -1),
  v("29", -10),
  v("3863", -100),
  v("3903e7", -1000),
  v("f90000", 0.0),
  v("f98000", -0.0),
  v("f93c00", 1.0),
  v("fb3ff199999999999a", 1.1),
  v("f93e00", 1.5),
  v("f97bff", 65504.0),
  v("fa47c35000", 100000.0),
  v("fa7f7fffff", 3.4028234663852886e+38),
  v("fb7e37e43c8800759c", 1.0e+300),
  v("f90001", 5.960464477539063e-8),
  v("f90400", 0.00006103515625),
  v("f9c400", -4.0),
  v("fbc010666666666666", -4.1),
  v("f97c00", .double(.infinity)),
  v("f97e00", .double(.nan)),
  v("f9fc00", .double(-.infinity)),
  .other("fa7f800000", .double(.infinity)),
  .other("fa7fc00000", .double(.nan)),
  .other("faff800000", .double(-.infinity)),
  .other("fb7ff0000000000000", .double(.infinity)),
  .other("fb7ff8000000000000", .double(.nan)),
  .other("fbfff0000000000000", .double(-.infinity)),
  v("f4", false),
  v("f5", true),
  v("f6", .null),
  v("f7", .undefined),
  v("f0", .simple(16)),
  v("f8ff", .simple(255)),
  v("c074323031332d30332d32315432303a30343a30305a", .tagged(0, "2013-03-21T20:04:00Z")),
  v("c11a514b67b0", .date(Date(timeIntervalSince1970: 1_363_896_240))),
  v("c1fb41d452d9ec200000", .date(Date(timeIntervalSince1970: 1_363_896_240.5))),
  v("d74401020304", .tagged(23, .bytes([1, 2, 3, 4]))),
  v("d818456449455446", .tagged(24, .bytes([0x64, 0x49, 0x45, 0x54, 0x46]))),
  v("d82076687474703a2f2f7777772e6578616d706c652e636f6d", .tagged(32, "http://www.example.com")),
  v("40", .bytes([])),
  v("4401020304", .bytes([1, 2, 3, 4])),
  v("60", ""),
  v("6161", "a"),
  v("6449455446", "IETF"),
  v("62225c", "\"\\"),
  v("62c3bc", "\u{FC}"),
  v("63e6b0b4", "\u{6C34}"),
  v("64f0908591", "\u{10151}"),
  v("80", []),
  v("83010203", [1, 2, 3]),
  v("8301820203820405", [1, [2, 3], [4, 5]]),
  v("98190102030405060708090a0b0c0d0e0f101112131415161718181819", oneTo25),
  v("a0", [:]),
  v("a201020304", [1: 2, 3: 4]),
  v("a26161016162820203", ["a": 1, "b": [2, 3]]),
  v("826161a161626163", ["a", ["b": "c"]]),
  v("a56161614161626142616361436164614461656145", ["a": "A", "b": "B", "c": "C", "d": "D", "e": "E"]),
  .other("5f42010243030405ff", .bytes([1, 2, 3, 4, 5])),
  .other("7f657374726561646d696e67ff", "streaming"),
  .other("9fff", []),
  .other("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
  .other("9f01820203820405ff", [1, [2, 3], [4, 5]]),
  .other("83018202039f0405ff", [1, [2, 3], [4, 5]]),
  .other("83019f0203ff820405", [1, [2, 3], [4, 5]]),
  .other("9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", oneTo25),
  .other("bf61610161629f0203ffff", ["a": 1, "b": [2, 3]]),
  .other("826161bf61626163ff", ["a", ["b": "c"]]),
  .other("bf6346756ef563416d7421ff", ["Fun": true, "Amt": -2]),
]
