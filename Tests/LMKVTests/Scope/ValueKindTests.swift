import Foundation
import LMKV
import Testing

@Suite struct ValueKindTests {
  @Test func `Absent, null and empty are three things`() throws {
    try withStore { store throws in
      let scope = store.scope("s")
      try scope.set("null", nil)
      try scope.set("empty", "")
      #expect(try scope.get("absent") == nil)
      #expect(try scope.get("null") == .some(.null))
      #expect(try scope.get("empty") == "")
      #expect(try !scope.contains("absent"))
      #expect(try scope.contains("null"))
      #expect(try scope.contains("empty"))
      #expect(try scope.count() == 2)
      #expect(try store.read { Array($0["s"].keys()) } == ["empty", "null"])
      #expect(try scope.get("null", default: 7) == .null)
      #expect(try scope.get("absent", default: 7) == 7)
      #expect(try !scope.contains("absent"))
      #expect(try scope.require("null") == .null)
    }
  }

  @Test func `An optional keeps null apart from absent`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int?.self)
      try scope.set("null", .none)
      #expect(try scope.get("null") == .some(.none))
      #expect(try scope.get("absent") == .none)
      #expect(try scope.entry("null")?.value == .some(nil))
    }
  }

  @Test func `Int, double and bool stay what they were`() throws {
    try withStore { store throws in
      let scope = store.scope("s")
      try scope.set("int", 1)
      try scope.set("double", 1.0)
      try scope.set("bool", true)
      #expect(try scope.get("int") == .integer(1))
      #expect(try scope.get("double") == .double(1))
      #expect(try scope.get("bool") == .bool(true))
      #expect(try scope.get("int", as: Int.self) == 1)
      #expect(try scope.get("double", as: Double.self) == 1)
      #expect(try scope.get("bool", as: Bool.self) == true)
      expectError(.typeMismatch, naming: "double", "\"s\"") { _ = try scope.get("double", as: Int.self) }
      expectError(.typeMismatch, naming: "bool", "\"s\"") { _ = try scope.get("bool", as: Int.self) }
      expectError(.typeMismatch, naming: "bool", "\"s\"") { _ = try scope.get("bool", as: Double.self) }
      expectError(.typeMismatch, naming: "int", "\"s\"") { _ = try scope.get("int", as: Bool.self) }
      expectError(.typeMismatch, naming: "int", "\"s\"") { _ = try scope.get("int", as: String.self) }
    }
  }

  @Test func `A number that does not fit, or an unknown case, is another type and no damage`() throws {
    enum Color: String, Codable { case red }
    try withStore { store throws in
      let scope = store.scope("s")
      try scope.set("number", 300)
      try scope.set("negative", -1)
      try scope.set("color", "blue")
      expectError(.typeMismatch, naming: "number", "\"s\"", "Int8") { _ = try scope.get("number", as: Int8.self) }
      expectError(.typeMismatch, naming: "negative", "UInt64") { _ = try scope.get("negative", as: UInt64.self) }
      expectError(.typeMismatch, naming: "color", "Color") { _ = try scope.get("color", as: Color.self) }
      expectError(.typeMismatch, naming: "number") {
        try store.scope("s", of: Int8.self).increment("number")
      }
      #expect(try scope.get("number") == 300)
    }
  }

  struct User: Codable, Equatable, Sendable {
    var name: String
    var tags: [String]
    var born: Date?
  }

  @Test func `A typed scope holds records, and is also readable as values and as other types`() throws {
    struct Name: Codable { let name: String }
    try withStore { store throws in
      let users = store.scope("users", of: User.self)
      var ada = User(name: "Ada", tags: ["mathematics"], born: Date(timeIntervalSince1970: -4_854_902_400))
      try users.set("ada", ada)
      ada.tags.append("changed after it was stored")
      let stored = try #require(try users.get("ada"))
      #expect(stored.tags == ["mathematics"])
      #expect(stored.born == ada.born)
      #expect(try users.get("ada", as: Name.self)?.name == "Ada")
      #expect(try users.of(Value.self).get("ada")?["name"] == "Ada")
      #expect(try store.scope("users").get("ada")?["tags"] == ["mathematics"])
      expectError(.typeMismatch, naming: "ada", "users") { _ = try users.get("ada", as: [Int].self) }
    }
  }

  @Test func `Values are copies, however they were read`() throws {
    try withStore { store throws in
      let scope = store.scope("s")
      try scope.set("list", [1, 2])
      var copy = try #require(try scope.get("list"))
      copy[0] = 9
      #expect(try scope.get("list") == [1, 2])
      let kept = try store.read { Array($0["s"].values()) }
      try scope.set("list", [3])
      try scope.remove("list")
      #expect(kept == [[1, 2]])
    }
  }

  @Test func `What cannot be encoded is an error and leaves the old value`() throws {
    struct Refusing: Codable, Sendable {
      func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(self, .init(codingPath: [], debugDescription: "not today"))
      }
    }
    try withStore { store throws in
      try store.scope("s").set("key", 1)
      expectError(.encodingFailed, naming: "key", "not today") {
        try store.scope("s", of: Refusing.self).set("key", Refusing())
      }
      #expect(try store.scope("s").get("key") == 1)
    }
  }
}
