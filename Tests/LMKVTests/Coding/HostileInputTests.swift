import Foundation
import LMKV
import Testing

@Suite struct HostileInputTests {
  static let malformed: [(hex: String, sentence: String)] = [
    ("", "ends"),
    ("18", "ends"),
    ("1b00000000000000", "ends"),
    ("62", "length of 2"),
    ("6261", "length of 2"),
    ("8201", "length of 2"),
    ("a161", "length of 1"),
    ("a1616101 00", "1 more bytes"),
    ("0000", "1 more bytes"),
    ("1c", "reserved"),
    ("7e", "reserved"),
    ("fc", "reserved"),
    ("df", "reserved"),
    ("1f", "reserved"),
    ("3f", "reserved"),
    ("f800", "Simple value 0"),
    ("f81f", "Simple value 31"),
    ("ff", "break"),
    ("81ff", "break"),
    ("a1ff00", "break"),
    ("a161 61ff", "break"),
    ("c1ff", "break"),
    ("9f01", "ends"),
    ("bf616101", "ends"),
    ("bf6161ff", "between"),
    ("5f6161ff", "chunk"),
    ("7f4161ff", "chunk"),
    ("5f5f4161ffff", "chunk"),
    ("7f01ff", "chunk"),
    ("61ff", "UTF-8"),
    ("62c328", "UTF-8"),
    ("63eda080", "UTF-8"),
    ("63f09080", "UTF-8"),
    ("7f61c361bcff", "UTF-8"),
    ("9bffffffffffffffff00", "length of 18446744073709551615"),
    ("9b7fffffffffffffff00", "length of 9223372036854775807"),
    ("9b8000000000000000", "length of 9223372036854775808"),
    ("bb7fffffffffffffff00", "length of"),
    ("bb4000000000000000", "length of"),
    ("5bffffffffffffffff", "length of"),
    ("7b7fffffffffffffff61", "length of"),
    ("7f7bffffffffffffffffff", "length of"),
    ("a2616101616102", "twice"),
    ("a2010118 0102", "twice"),
    ("bf616101616102ff", "twice"),
  ]

  @Test("What is malformed is dataCorrupted with a sentence and an offset", arguments: malformed)
  func malformedItems(_ item: (hex: String, sentence: String)) throws {
    let error = try decodingError(Value.self, item.hex)
    #expect(error.kind == "dataCorrupted")
    #expect(error.context.debugDescription.contains(item.sentence), "\(error.context.debugDescription)")
    #expect(error.context.debugDescription.contains("byte offset"))
  }

  struct Unknown: Decodable { var k: Int? }
  struct Empty: Decodable {}

  @Test(
    "What is malformed is found in a part that nobody asked for",
    arguments: malformed.filter { $0.sentence != "twice" }
  )
  func malformedUnknown(_ item: (hex: String, sentence: String)) throws {
    if item.sentence == "UTF-8" || item.sentence.contains("more") { return }
    for type in [Unknown.self, Empty.self] as [any Decodable.Type] {
      #expect(throws: DecodingError.self) { _ = try CBORDecoder().decode(type, from: bytes("a1 6175" + item.hex)) }
    }
  }

  @Test("128 levels are read and written, one more is an error") func depth() throws {
    struct Node: Codable { var next: [Node] }
    func nested(_ levels: Int, _ head: String, _ end: String) -> [UInt8] {
      Array(repeatElement(bytes(head), count: levels).joined()) + bytes(end)
    }
    for head in ["81", "a100", "a16178", "d864"] {
      let end = "00"
      let deepest = nested(128, head, end)
      let value = try CBORDecoder().decode(Value.self, from: deepest)
      #expect(try CBOREncoder().encode(value) == deepest)
      #expect(try decodingError(Value.self, hex(nested(129, head, end))).context.debugDescription.contains("deeper"))
      let deeper: Value = [value]
      #expect(throws: EncodingError.self) { _ = try CBOREncoder().encode(deeper) }
      #expect(throws: DecodingError.self) { _ = try CBORDecoder().decode(Empty.self, from: nested(129, head, end)) }
    }
    for head in ["81", "9f", "a1616e", "bf616e", "c1", "d9d9f7", "7f", "5f", "82"] {
      for count in [1000, 200_000] {
        #expect(throws: DecodingError.self) { _ = try CBORDecoder().decode(Value.self, from: nested(count, head, "")) }
        #expect(throws: DecodingError.self) { _ = try CBORDecoder().decode(Node.self, from: nested(count, head, "")) }
        #expect(throws: DecodingError.self) { _ = try CBORDecoder().decode(Empty.self, from: nested(count, head, "")) }
      }
    }
    // A node is a map and an array.
    var node = Node(next: [])
    for _ in 1..<64 { node = Node(next: [node]) }
    let encoded = try CBOREncoder().encode(node)
    _ = try CBORDecoder().decode(Node.self, from: encoded)
    #expect(throws: EncodingError.self) { _ = try CBOREncoder().encode(Node(next: [node])) }
    let next = bytes("a1646e657874 81") + encoded
    #expect(throws: DecodingError.self) { _ = try CBORDecoder().decode(Node.self, from: next) }
  }

  @Test("A type that encodes itself without end is an error, not a crash") func endless() {
    struct Endless: Encodable {
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self)
      }
    }
    #expect(throws: EncodingError.self) { _ = try CBOREncoder().encode(Endless()) }
  }

  struct Everything: Codable {
    var a: Int?
    var b: String?
    var c: [Double]?
    var d: [String: Date]?
    var e: Data?
    var f: [Everything]?
    var g: Decimal?
    var h: URL?
    var i: UUID?
    var j: Int128?
    var k: [Int: Value]?
    var l: CodableTests.Shape?
  }

  @Test("No mutation of a valid item can crash the decoder") func fuzz() async throws {
    try await withSeed { random in try Self.fuzz(&random) }
  }

  private static func fuzz(_ random: inout SeededGenerator) throws {
    let everything = Everything(
      a: 1,
      b: "täxt",
      c: [1.5, 2],
      d: ["x": Date(timeIntervalSince1970: 5.5)],
      e: Data([1, 2, 3]),
      f: [Everything(a: 5), Everything(l: .pair(1, "x"))],
      g: Decimal(string: "1.25"),
      h: URL(string: "http://a.b"),
      i: UUID(),
      j: Int128.max,
      k: [5: ["v": [1, 2]]],
      l: .circle(radius: 1)
    )
    let seeds = [try CBOREncoder().encode(everything)] + appendixA.map { bytes($0.hex) }
    for round in 0..<10000 {
      var input = round % 2 == 0 ? seeds[0] : seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&input, &random) }
      _ = try? CBORDecoder().decode(Everything.self, from: input)
      if let value = try? CBORDecoder().decode(Value.self, from: input) {
        // What is accepted is written again, and is then the same value.
        let again = try CBOREncoder().encode(value)
        #expect(try CBORDecoder().decode(Value.self, from: again) == value, "round \(round)")
      }
    }
  }

  private static func mutate(_ input: inout [UInt8], _ random: inout SeededGenerator) {
    guard let index = input.indices.randomElement(using: &random) else {
      return input.append(UInt8.random(in: 0...255, using: &random))
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: input[index] = UInt8.random(in: 0...255, using: &random)
    case 1: input[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 2: input.insert(UInt8.random(in: 0...255, using: &random), at: index)
    case 3: input.remove(at: index)
    case 4: input.removeLast(input.count - index)
    default:
      input[index] = [0x1B, 0x5B, 0x5F, 0x7F, 0x9B, 0x9F, 0xBB, 0xBF, 0xC1, 0xFF].randomElement(using: &random) ?? 0
    }
  }
}
