import Foundation
import LMKV
import Testing

@Suite struct ValueTests {
  @Test("Literals make values, in their order") func literals() {
    let value: Value = ["b": 1, "a": [true, nil, 1.0, "x"], 3: [:]]
    #expect(value.json == #"{"$map":[["b",1],["a",[true,null,1.0,"x"]],[3,{}]]}"#)
    #expect("\(1 + 1)" as Value == "2")
    #expect(Value.integer(.max) == 170_141_183_460_469_231_731_687_303_715_884_105_727)
  }

  @Test("The integer 1, the double 1.0 and true are three values") func kinds() {
    #expect(Value.integer(1) != .double(1) && Value.integer(1) != .bool(true) && Value.double(1) != .bool(true))
    #expect(Value.null != .undefined && Value.null != "" && Value.bytes([0x61]) != "a" && Value.simple(1) != 1)
    #expect(Set<Value>([1, 1.0, true, .simple(1), 1]).count == 4)
  }

  @Test("NaN equals itself, the zeros each other, maps whatever their order; hashes agree") func equality() {
    let nan = Value.double(.nan), other = Value.double(-Double.nan)
    #expect(nan == other && nan.hashValue == other.hashValue)
    let zeros = (Value.double(0), Value.double(-0.0))
    #expect(zeros.0 == zeros.1 && zeros.0.hashValue == zeros.1.hashValue)
    let left: Value = ["a": 1, "b": [2: nan]], right: Value = ["b": [2: other], "a": 1]
    #expect(left == right && left.hashValue == right.hashValue && left.json != right.json)
    #expect(left != ["a": 1] && left != ["a": 1, "b": 2])
    #expect((["k": .null] as Value) != ["j": .null])
    #expect(([1, 2] as Value) != [2, 1])
  }

  @Test("Accessors give only what is there, unconverted") func accessors() {
    #expect(Value(5).int == 5 && Value(5).double == nil && Value(5).bool == nil && Value(5).string == nil)
    #expect((5.0 as Value).double == 5 && (5.0 as Value).int == nil)
    #expect(Value.integer(.max).int == nil)
    #expect(Value.bytes([1]).bytes == [1] && (true as Value).bool == true && ("s" as Value).string == "s")
    #expect(Value.date(.distantPast).date == .distantPast && ([1] as Value).array == [1])
    #expect((["a": 1] as Value).map?.count == 1)
    #expect(Value.null.isNull && !Value.undefined.isNull && !(0 as Value).isNull)
  }

  @Test("Subscripts read, write, make maps and remove") func subscripts() {
    var value: Value = .null
    value["a"]["b"] = 5
    value["a"]["c"] = "x"
    value["list"] = [1, 2]
    #expect(value == ["a": ["b": 5, "c": "x"], "list": [1, 2]])
    #expect(value["a"]["b"] == 5 && value["a"]["c"] == "x" && value["nowhere"]["b"] == nil && value["list"][1] == 2)
    value["a"]["b"] = nil
    value["nowhere"]["b"] = nil
    value["a"]["null"] = .some(.null)
    #expect(value == ["a": ["c": "x", "null": .null], "list": [1, 2]])
    value["list"][2] = 3
    value["list"][0] = nil
    value["list"][9] = 9
    value["list"][-1] = 9
    #expect(
      value["list"] == [2, 3] && value["list"][9] == nil && value["list"][-1] == nil && value["list"]["x"] == nil
    )
    value["a"]["c"]["d"] = 1
    #expect(value["a"]["c"] == "x")
    var scalar: Value = 7
    scalar[0] = 1
    scalar["k"] = 1
    #expect(scalar == 7)
    var keyed: Value = [:]
    keyed[.integer(1)] = "one"
    keyed[true] = "yes"
    #expect(keyed == [1: "one", true: "yes"] && keyed[.integer(1)] == "one")
  }

  @Test("Values and types are converted into each other") func conversion() throws {
    struct User: Codable, Equatable {
      var name: String
      var born: Date
      var photo: Data?
    }
    let user = User(name: "Ada", born: Date(timeIntervalSince1970: -4_854_297_600), photo: Data([1]))
    let value = try Value(encoding: user)
    #expect(value == ["name": "Ada", "born": .date(user.born), "photo": .bytes([1])])
    #expect(try value.decode(as: User.self) == user)
    #expect(throws: DecodingError.self) { try (["name": 1] as Value).decode(as: User.self) }
    struct Holder: Codable, Equatable {
      var any: Value
      var list: [Value]
      var byName: [String: Value]
      var none: Value?
    }
    let holder = Holder(any: [1: .undefined], list: [.null, .double(.nan)], byName: ["d": .date(user.born)])
    try roundTrip(holder)
  }

  @Test("With a foreign coder a value is typed JSON") func foreignCoders() throws {
    let value: Value = [
      "i": -5, "d": 1.5, "s": "x", "n": .null, "b": true, "a": [1, .undefined, .bytes([1, 2])],
      "date": .date(Date(timeIntervalSince1970: 5)), "user": ["$date": 5], "keys": [1: [2: .double(.nan)]],
      "tag": .tagged(23, .bytes([1])), "big": 18_446_744_073_709_551_615,
    ]
    let data = try JSONEncoder().encode(["v": value])
    #expect(try JSONDecoder().decode([String: Value].self, from: data) == ["v": value])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Value.self, from: Data(#"[{"$bytes": 5}]"#.utf8))
    }
  }

  @Test("A reserved simple value is refused") func reservedSimple() {
    #expect(throws: EncodingError.self) { try CBOREncoder().encode(["x": Value.simple(24)]) }
    #expect(throws: EncodingError.self) { try CBOREncoder().encode(["x": Value.simple(31)]) }
  }
}
