import Foundation
import LMKV
import Testing

/// A nil inside an optional of an optional: it is kept, or refused, and never becomes another nil.
@Suite struct NestedOptionalTests {
  struct Patch: Codable, Equatable, Sendable {
    /// Nil: leave it. A nil in it: remove it.
    var color: String??
  }

  @Test func `An inner nil that would come back as the outer one is refused`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int??.self)
      try scope.set("outer", .none)
      try scope.set("value", 5)
      expectError(.encodingFailed, naming: "inner", "optional of an optional") { try scope.set("inner", .some(.none)) }
      #expect(try scope.get("outer") == .some(.none))
      #expect(try scope.get("value") == 5)
      #expect(try !scope.contains("inner"))
    }
    #expect(throws: EncodingError.self) { try CBOREncoder().encode([Int??.some(.none)]) }
    #expect(throws: EncodingError.self) { try CBOREncoder().encode(Int???.some(.some(.none))) }
    #expect(throws: EncodingError.self) { try CBOREncoder().encode(["k": Int??.some(.none)]) }
  }

  @Test func `Optionals of values, and of what is no optional, are as they were`() throws {
    try roundTrip([1, nil, 300] as [Int?], "83 01 f6 19012c")
    try roundTrip(["a": nil, "b": [1]] as [String: [Int]?])
    try roundTrip(Optional([Int?.none]), "81 f6")
    #expect(try CBOREncoder().encode(Optional(Value.null)) == bytes("f6"))
  }

  @Test func `A property tells an absent key from null`() throws {
    try roundTrip(Patch(color: nil), "a0")
    try roundTrip(Patch(color: .some(nil)), "a1 65636f6c6f72 f6")
    try roundTrip(Patch(color: "red"), "a1 65636f6c6f72 63726564")
  }
}
