import Foundation
import LMKV
import Testing

@Suite struct ContainerTests {
  struct Key: CodingKey, ExpressibleByStringLiteral {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(stringLiteral value: String) { stringValue = value }
  }

  /// Encodes whatever its closure writes.
  struct Custom: Encodable {
    var body: (any Encoder) throws -> Void
    func encode(to encoder: any Encoder) throws { try body(encoder) }
  }

  func encoded(_ body: @escaping (any Encoder) throws -> Void) throws -> Value {
    try Value(encoding: Custom(body: body))
  }

  class Animal: Codable {
    var name: String
    init(name: String) { self.name = name }
  }

  final class Dog: Animal {
    var tricks: [String]
    enum CodingKeys: CodingKey { case tricks }
    init(name: String, tricks: [String]) {
      self.tricks = tricks
      super.init(name: name)
    }
    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      tricks = try container.decode([String].self, forKey: .tricks)
      try super.init(from: container.superDecoder())
    }
    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try super.encode(to: container.superEncoder())
      try container.encode(tricks, forKey: .tricks)
    }
  }

  /// Shares its superclass's container.
  final class Cat: Animal {
    var lives = 9
    enum CodingKeys: CodingKey { case lives }
    override init(name: String) { super.init(name: name) }
    required init(from decoder: any Decoder) throws {
      lives = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .lives)
      try super.init(from: decoder)
    }
    override func encode(to encoder: any Encoder) throws {
      try super.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(lives, forKey: .lives)
    }
  }

  @Test("A subclass has its superclass in a super encoder, or in the same map") func inheritance() throws {
    let dog = try CBOREncoder().encode(Dog(name: "Rex", tricks: ["sit"]))
    #expect(try CBORDecoder().decode(Value.self, from: dog) == ["super": ["name": "Rex"], "tricks": ["sit"]])
    let rex = try CBORDecoder().decode(Dog.self, from: dog)
    #expect(rex.name == "Rex" && rex.tricks == ["sit"])
    let cat = try CBOREncoder().encode(Cat(name: "Tom"))
    #expect(try CBORDecoder().decode(Value.self, from: cat) == ["name": "Tom", "lives": 9])
    let tom = try CBORDecoder().decode(Cat.self, from: cat)
    #expect(tom.name == "Tom" && tom.lives == 9)
  }

  @Test("Nested containers and their parent may be written in turn; all keep their places") func interleaved() throws {
    let value = try encoded { encoder in
      var outer = encoder.container(keyedBy: Key.self)
      var a = outer.nestedContainer(keyedBy: Key.self, forKey: "a")
      try outer.encode(1, forKey: "one")
      var b = outer.nestedUnkeyedContainer(forKey: "b")
      try a.encode("x", forKey: "x")
      try b.encode(1)
      var c = b.nestedContainer(keyedBy: Key.self)
      try b.encode(String(repeating: "long", count: 100))
      try outer.encode(2, forKey: "two")
      try c.encode(true, forKey: "deep")
      var d = a.nestedUnkeyedContainer(forKey: "d")
      for number in 0..<30 { try d.encode(number) }
      try a.encode("y", forKey: "y")
      try b.superEncoder().singleValueContainer0 { try $0.encode(9) }
      _ = outer.nestedContainer(keyedBy: Key.self, forKey: "empty")
    }
    let expected: Value = [
      "a": ["x": "x", "d": .array((0..<30).map { .integer($0) }), "y": "y"], "one": 1,
      "b": [1, ["deep": true], .string(String(repeating: "long", count: 100)), 9], "two": 2, "empty": [:],
    ]
    #expect(value == expected)
    // Equality does not look at the order.
    #expect(value.json == expected.json)
  }

  @Test("A value that throws half-way and is caught leaves no bytes behind") func rollBack() throws {
    struct Failure: Error {}
    let value = try encoded { encoder in
      var outer = encoder.unkeyedContainer()
      try outer.encode(1)
      var early = outer.nestedUnkeyedContainer()
      #expect(throws: Failure.self) {
        try outer.encode(
          Custom { encoder in
            var inner = encoder.container(keyedBy: Key.self)
            try inner.encode("lost", forKey: "lost")
            _ = inner.nestedUnkeyedContainer(forKey: "lost too")
            throw Failure()
          }
        )
      }
      try outer.encode(["k": 2])
      try early.encode(3)
    }
    #expect(value == [1, [3], ["k": 2]])
  }

  @Test("A key that is encoded twice is an error; its nested container is the same one again") func repeatedKeys()
    throws
  {
    let error = try #require(throws: EncodingError.self) {
      _ = try encoded { encoder in
        var container = encoder.container(keyedBy: Key.self)
        for number in 0..<20 { try container.encode(number, forKey: Key(stringValue: "key number \(number)")) }
        _ = container.nestedContainer(keyedBy: Key.self, forKey: "nested")
        try container.encode([1], forKey: "list")
        try container.encode(1, forKey: "key number 7")
      }
    }
    #expect("\(error)".contains("key number 7"))
    let value = try encoded { encoder in
      var container = encoder.container(keyedBy: Key.self)
      var first = container.nestedContainer(keyedBy: Key.self, forKey: "nested")
      try first.encode(1, forKey: "a")
      try container.encode(0, forKey: "between")
      var second = container.nestedContainer(keyedBy: Key.self, forKey: "nested")
      try second.encode(2, forKey: "b")
      #expect(throws: EncodingError.self) { try container.encode(1, forKey: "nested") }
      try container.encode(3, forKey: "last")
      var wrong = container.nestedContainer(keyedBy: Key.self, forKey: "last")
      #expect(throws: EncodingError.self) { try wrong.encode(1, forKey: "x") }
    }
    #expect(value.json == #"{"nested":{"a":1,"b":2},"between":0,"last":3}"#)
  }

  @Test("Maps of hundreds of computed keys have one head and all pairs") func manyKeys() throws {
    let many = Dictionary(uniqueKeysWithValues: (0..<500).map { ($0, [$0]) })
    try roundTrip(many)
    let value = try encoded { encoder in
      var container = encoder.container(keyedBy: Key.self)
      for number in 0..<500 {
        var nested = container.nestedUnkeyedContainer(forKey: Key(stringValue: "\(number)"))
        try nested.encode(number)
      }
    }
    #expect(value.map?.count == 500 && value["499"] == [499])
  }

  @Test("Writing to a container out of turn is an error, not a broken item") func outOfTurn() throws {
    var kept: (any UnkeyedEncodingContainer)?
    _ = try encoded { kept = $0.unkeyedContainer() }
    #expect(throws: EncodingError.self) { try kept?.encode(1) }
    #expect(throws: EncodingError.self) {
      _ = try encoded { encoder in
        var container = encoder.singleValueContainer()
        try container.encode(1)
        try container.encode(2)
      }
    }
    #expect(throws: EncodingError.self) {
      _ = try encoded { encoder in
        _ = encoder.unkeyedContainer()
        var keyed = encoder.container(keyedBy: Key.self)
        try keyed.encode(1, forKey: "a")
      }
    }
    #expect(throws: EncodingError.self) {
      _ = try encoded { encoder in
        var outer = encoder.unkeyedContainer()
        let copy = outer
        try outer.encode(
          Custom { _ in
            var outer = copy
            try outer.encode(1)
          }
        )
      }
    }
  }

  @Test("A decoder that was kept finds nothing after its call") func keptDecoder() throws {
    struct Keeper: Decodable {
      var decoder: any Decoder
      init(from decoder: any Decoder) throws { self.decoder = decoder }
    }
    let keeper = try CBORDecoder().decode(Keeper.self, from: bytes("83010203"))
    #expect(throws: DecodingError.self) { _ = try keeper.decoder.unkeyedContainer() }
  }

  @Test("An encoder's coding path leads to the value that is being encoded") func encodingPath() throws {
    nonisolated(unsafe) var paths: [String] = []
    struct Spy: Encodable {
      var note: ([any CodingKey]) -> Void
      func encode(to encoder: any Encoder) throws {
        note(encoder.codingPath)
        var container = encoder.container(keyedBy: Key.self)
        note(container.codingPath)
        note(container.nestedUnkeyedContainer(forKey: "nested").codingPath)
        note(container.superEncoder().codingPath)
      }
    }
    let spy = Spy { paths.append($0.map(\.stringValue).joined(separator: ".")) }
    _ = try CBOREncoder().encode(["list": [[spy]]])
    #expect(paths == ["", "", ".nested", ".super"].map { "list.Index 0.Index 0" + $0 })
  }

  @Test("userInfo reaches every encoder and decoder") func userInfo() throws {
    let key = try #require(CodingUserInfoKey(rawValue: "key"))
    struct Reader: Codable {
      init() {}
      func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(encoder.userInfo.values.first as? String)
        try container.superEncoder().singleValueContainer0 { try $0.encode(encoder.userInfo.count) }
      }
      init(from decoder: any Decoder) throws {
        #expect(decoder.userInfo.values.first as? String == "out")
      }
    }
    let encoded = try CBOREncoder(userInfo: [key: "in"]).encode([Reader()])
    #expect(try CBORDecoder().decode(Value.self, from: encoded) == [["in", 1]])
    _ = try CBORDecoder(userInfo: [key: "out"]).decode([Reader].self, from: encoded)
    #expect(try hex(CBOREncoder().encode([Reader()])) == "8182f600")
  }

  @Test("Keys are found in any order, missing ones are nil or an error, unknown ones are passed over") func order()
    throws
  {
    struct Record: Codable, Equatable {
      var a: Int?
      var b: [Int]?
      var c: String
      var d: [String: Int]
    }
    let value: Value = ["x": [1, ["y": 2]], "d": ["k": 1], "z": .null, "c": "c", "b": [1], "w": 1.5]
    #expect(try value.decode(as: Record.self) == Record(a: nil, b: [1], c: "c", d: ["k": 1]))
    let indefinite = bytes("bf 6178 01 6164 bf616b01ff 6163 6163 ff")
    #expect(try CBORDecoder().decode(Record.self, from: indefinite) == Record(c: "c", d: ["k": 1]))
    #expect(try decodingError(Record.self, "a16163 6163").kind == "keyNotFound")
  }
}

extension Encoder {
  func singleValueContainer0(_ body: (inout any SingleValueEncodingContainer) throws -> Void) throws {
    var container = singleValueContainer()
    try body(&container)
  }
}
