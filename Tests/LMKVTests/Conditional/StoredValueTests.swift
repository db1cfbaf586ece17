import Foundation
import LMKV
import Testing

/// Values that storing changes, so that they do not equal what comes back.
@Suite struct StoredValueTests {
  struct Visit: Codable, Equatable, Sendable {
    var at: Date
    var note: String?
  }

  /// A moment of today with more digits than Unix seconds in a double have.
  static let moment = Date(timeIntervalSinceReferenceDate: 800_000_000 + 0x1p-23)

  private func expectFound<T: Codable & Equatable & Sendable>(
    _ value: T,
    other: T,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withStore { store throws in
      let scope = store.scope("s", of: T.self)
      try scope.set("k", value)
      #expect(try scope.get("k") != value, sourceLocation: sourceLocation)
      #expect(try !scope.set("k", value, ifValue: other).isApplied, sourceLocation: sourceLocation)
      #expect(try !scope.remove("k", ifValue: other).isApplied, sourceLocation: sourceLocation)
      #expect(try scope.set("k", value, ifValue: value).isApplied, sourceLocation: sourceLocation)
      // What was read is as good as what was written.
      let read = try #require(try scope.get("k"), sourceLocation: sourceLocation)
      #expect(try scope.set("k", value, ifValue: read).isApplied, sourceLocation: sourceLocation)
      #expect(try scope.remove("k", ifValue: value).isApplied, sourceLocation: sourceLocation)
    }
  }

  @Test func `A condition on a date with more digits than are stored holds for the date that was given`() throws {
    let (moment, later) = (Self.moment, Self.moment + 0.000_001)
    try expectFound(moment, other: later)
    try expectFound(Value.date(moment), other: .date(later))
    try expectFound([Optional(moment)], other: [later])
    try expectFound(Visit(at: moment), other: Visit(at: later))
    try expectFound(["a": [moment]], other: ["a": []])
  }

  @Test func `A date comes back as itself or as the nearest that is stored, and that one as itself`() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<10_000 {
      let date = Date(timeIntervalSinceReferenceDate: .random(in: 700_000_000...900_000_000, using: &random))
      let stored = try CBORDecoder().decode(Date.self, from: try CBOREncoder().encode(date))
      #expect(abs(stored.timeIntervalSince(date)) <= 0x1p-23)
      #expect(try CBORDecoder().decode(Date.self, from: try CBOREncoder().encode(stored)) == stored)
    }
  }

  @Test func `A condition on a value that cannot be stored does not hold`() throws {
    struct Unstorable: Codable, Equatable, Sendable {
      var number: Int
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if number < 0 { throw EncodingError.invalidValue(number, .init(codingPath: [], debugDescription: "negative")) }
        try container.encode(number)
      }
      init(number: Int) { self.number = number }
      init(from decoder: any Decoder) throws { number = try decoder.singleValueContainer().decode(Int.self) }
    }
    try withStore { store throws in
      let scope = store.scope("s", of: Unstorable.self)
      try scope.set("k", Unstorable(number: 1))
      #expect(try !scope.remove("k", ifValue: Unstorable(number: -1)).isApplied)
      #expect(try scope.remove("k", ifValue: Unstorable(number: 1)).isApplied)
    }
  }
}
