import Foundation
import LMKV
import Testing

@Suite struct CodableTests {
  struct Point: Codable, Equatable {
    var x = 1
    var y: Double? = 2.5
    var name: String?
  }

  enum Shape: Codable, Equatable {
    case circle(radius: Double)
    case pair(Int, String)
    case nothing
  }

  enum Size: String, Codable, CodingKeyRepresentable { case small, large }
  enum Level: Int, Codable, CodingKeyRepresentable { case low = 1, high = 300 }

  struct Numbered: Codable, Equatable {
    var first = "a"
    var second = 2
    enum CodingKeys: Int, CodingKey { case first = 1, second = -2 }
  }

  @Test("A struct is a map of its keys in written order; a nil is left out") func keyed() throws {
    try roundTrip(Point(), "a2 6178 01 6179 f94100")
    try roundTrip(Point(y: nil, name: "p"), "a2 6178 01 646e616d65 6170")
    try roundTrip([Point(), Point(x: -1)], "82 a2 6178 01 6179 f94100 a2 6178 20 6179 f94100")
  }

  @Test("Integers of every width take their shortest form and come back") func integers() throws {
    try roundTrip(Int8.min, "387f")
    try roundTrip(Int16.min, "397fff")
    try roundTrip(Int32.max, "1a7fffffff")
    try roundTrip(Int64.min, "3b7fffffffffffffff")
    try roundTrip(Int.max, "1b7fffffffffffffff")
    try roundTrip(UInt8.max, "18ff")
    try roundTrip(UInt16.max, "19ffff")
    try roundTrip(UInt32.max, "1affffffff")
    try roundTrip(UInt64.max, "1bffffffffffffffff")
    try roundTrip(UInt.max, "1bffffffffffffffff")
    try roundTrip(Int128.max, "c2507fffffffffffffffffffffffffffffff")
    try roundTrip(Int128.min, "c3507fffffffffffffffffffffffffffffff")
    try roundTrip(UInt128.max, "c250ffffffffffffffffffffffffffffffff")
    try roundTrip(Int128(-1) << 64, "3bffffffffffffffff")
    try roundTrip([Int64.min, 0, 23, 24, 255, 256, 65535, 65536, Int64.max])
  }

  @Test("Floats take the shortest form that keeps them") func floats() throws {
    try roundTrip(Float(1.5), "f93e00")
    try roundTrip(Float(0.1), "fa3dcccccd")
    try roundTrip(Double(Float(0.1)), "fa3dcccccd")
    try roundTrip(0.1, "fb3fb999999999999a")
    try roundTrip(0x1p-25, "fa33000000")
    try roundTrip(65536.0, "fa47800000")
    try roundTrip(Double.leastNonzeroMagnitude, "fb0000000000000001")
    #expect(try CBORDecoder().decode(Double.self, from: CBOREncoder().encode(Double.nan)).isNaN)
    #expect(try hex(CBOREncoder().encode(-Float.signalingNaN)) == "f97e00")
  }

  @Test("All 65,536 half-precision floats come back with their own bits") func halfPrecision() throws {
    for bits in UInt16.min...UInt16.max where bits & 0x7C00 != 0x7C00 || bits & 0x3FF == 0 {
      let item: [UInt8] = [0xF9, UInt8(bits >> 8), UInt8(bits & 0xFF)]
      let double = try CBORDecoder().decode(Double.self, from: item)
      #expect(try CBOREncoder().encode(double) == item)
    }
  }

  @Test("Strings and byte strings of every head width come back") func strings() throws {
    for length in [0, 1, 23, 24, 255, 256, 65535, 65536] {
      try roundTrip(String(repeating: "x", count: length))
      try roundTrip(Data(repeating: 7, count: length))
      try roundTrip([UInt8](repeating: 7, count: length))
      try roundTrip([String](repeating: "", count: length))
    }
    try roundTrip("naïve 水 👩‍👩‍👧", nil)
    try roundTrip([UInt8]([1, 2]), "420102")
    #expect(try CBORDecoder().decode([UInt8].self, from: bytes("820118ff")) == [1, 255])
    #expect(try CBORDecoder().decode(Data.self, from: bytes("820118ff")) == Data([1, 255]))
    #expect(try CBORDecoder().decode(Data.self, from: bytes("5f41014102ff")) == Data([1, 2]))
    let data = Data([0, 1, 2, 3])
    #expect(try hex(CBOREncoder().encode(data[1...2])) == "420102")
  }

  @Test("Containers of more than 23 things get the longer head") func largeContainers() throws {
    struct Items: Codable, Equatable { var items: Set<Int> }
    for count in [23, 24, 255, 256, 65536] {
      let value = Items(items: Set(0..<count))
      let encoded = try CBOREncoder().encode(value)
      #expect(try CBORDecoder().decode(Items.self, from: encoded) == value)
      #expect(try CBORDecoder().decode(Value.self, from: encoded)["items"]?.array?.count == count)
    }
  }

  @Test("Dictionaries are maps: string keys stay text, integer keys become integers") func dictionaries() throws {
    try roundTrip(["01": 1], "a1 623031 01")
    try roundTrip(["7": 1], "a1 6137 01")
    try roundTrip([7: "x"], "a1 07 6178")
    try roundTrip([-7: "x"], "a1 26 6178")
    try roundTrip([Size.small: 1], "a1 65736d616c6c 01")
    try roundTrip([Level.high: 1], "a1 19012c 01")
    try roundTrip(["a": ["b": [1: Point()]]])
    try roundTrip(["x": 1, "y": 2, "z": 3, "": 4])
    struct Word: Codable, Hashable, RawRepresentable, CodingKeyRepresentable { var rawValue: String }
    try roundTrip([Word(rawValue: "01"): 1, Word(rawValue: "1"): 2, Word(rawValue: "+1"): 3])
    try roundTrip([Data([1]): 2], "82 4101 02")
    let both = try CBORDecoder().decode([String: Int].self, from: bytes("a2 01 02 6161 03"))
    #expect(both == ["1": 2, "a": 3])
  }

  @Test("Coding keys with integer raw values are integers") func integerKeys() throws {
    try roundTrip(Numbered(), "a2 01 6161 21 02")
    #expect(
      try CBORDecoder().decode(Numbered.self, from: bytes("a2 667365636f6e64 02 656669727374 6161")) == Numbered()
    )
  }

  @Test("Enums come back, with raw values and with associated values") func enums() throws {
    try roundTrip(Size.large, "656c61726765")
    try roundTrip(Level.high, "19012c")
    try roundTrip([Shape.circle(radius: 2), .pair(1, "x"), .nothing])
    try roundTrip(Shape.nothing, "a1 676e6f7468696e67 a0")
    try roundTrip(Shape.pair(1, "x"), "a1 6470616972 a2 625f30 01 625f31 6178")
  }

  @Test("Optionals are null where there is a place to fill") func optionals() throws {
    try roundTrip(Int?.none, "f6")
    try roundTrip(Int?.some(1), "01")
    try roundTrip([1, nil, 3], "83 01 f6 03")
    try roundTrip(["a": Int?.none], "a1 6161 f6")
    #expect(try CBORDecoder().decode(Point.self, from: bytes("a3 6178 01 6179 f6 646e616d65 f7")) == Point(y: nil))
  }

  @Test("Many tasks encode and decode at once") func concurrently() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            let shapes = [Shape.pair(task, "\(round)"), .circle(radius: Double(round)), .nothing]
            let encoded = try CBOREncoder().encode(shapes)
            #expect(try CBORDecoder().decode([Shape].self, from: encoded) == shapes)
            _ = try? CBORDecoder().decode([Int].self, from: encoded)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("A span of memory is decoded where it is") func spans() throws {
    let encoded = try CBOREncoder().encode(["a": [1, 2]])
    #expect(try CBORDecoder().decode([String: [Int]].self, from: encoded.span.bytes) == ["a": [1, 2]])
  }

  @Test("The tag that says that this is CBOR is passed over") func selfDescribed() throws {
    #expect(try CBORDecoder().decode([Int].self, from: bytes("d9d9f7 8101")) == [1])
    #expect(try CBORDecoder().decode(Value.self, from: bytes("d9d9f7 8101")) == [1])
  }

  @Test("Foundation's types have their tags") func foundation() throws {
    try roundTrip(Date(timeIntervalSince1970: 1_363_896_240), "c11a514b67b0")
    try roundTrip(Date(timeIntervalSince1970: 1_363_896_240.5), "c1fb41d452d9ec200000")
    try roundTrip(Date(timeIntervalSince1970: -1), "c120")
    try roundTrip(Date.distantPast)
    try roundTrip([Date.distantFuture, Date(timeIntervalSince1970: 0)])
    let url = try #require(URL(string: "http://www.example.com"))
    try roundTrip(url, "d82076687474703a2f2f7777772e6578616d706c652e636f6d")
    #expect(try CBORDecoder().decode(URL.self, from: bytes("6161")) == URL(string: "a"))
    let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
    try roundTrip(uuid, "d8255000112233445566778899aabbccddeeff")
    #expect(try CBORDecoder().decode(UUID.self, from: CBOREncoder().encode(uuid.uuidString)) == uuid)
    try roundTrip(DateComponents(year: 2026, month: 11))
  }

  @Test("Decimals are exact decimal fractions") func decimals() throws {
    try roundTrip(try #require(Decimal(string: "273.15")), "c4 82 21 196ab3")
    for text in ["0", "-0.1", "1e100", "-1e-100", "123456789012345678901234567890.12345678"] {
      try roundTrip(try #require(Decimal(string: text)))
    }
    try roundTrip(Decimal.greatestFiniteMagnitude)
    try roundTrip(Decimal.leastFiniteMagnitude)
    #expect(try CBORDecoder().decode(Decimal.self, from: bytes("fb3fb999999999999a")) == Decimal(string: "0.1"))
    #expect(try CBORDecoder().decode(Decimal.self, from: bytes("20")) == -1)
    #expect(try CBORDecoder().decode(Decimal.self, from: CBOREncoder().encode("1.25")) == Decimal(string: "1.25"))
    #expect(try CBORDecoder().decode(Decimal.self, from: CBOREncoder().encode(Decimal.nan)).isNaN)
  }
}
