import Foundation
import LMKV
import Testing

@Suite struct PropertyTests {
  @Test("Every value survives CBOR and JSON text, with its order and the sign of its zeros") func survives()
    async throws
  {
    try await withSeed { random in try Self.survives(&random) }
  }

  private static func survives(_ random: inout SeededGenerator) throws {
    for round in 0..<1000 {
      let value = Value.random(using: &random)
      let encoded = try CBOREncoder().encode(value)
      let decoded = try CBORDecoder().decode(Value.self, from: encoded)
      #expect(decoded == value, "round \(round)")
      // Text is stricter than equality: order, and the sign of zero.
      #expect(decoded.json == value.json, "round \(round)")
      let parsed = try Value(json: value.json(pretty: round % 2 == 0))
      #expect(parsed == value, "round \(round)")
      #expect(try CBOREncoder().encode(parsed) == encoded, "round \(round)")
    }
  }

  @Test("No mutation of JSON text can crash the parser") func fuzz() async throws {
    try await withSeed { random in try Self.fuzz(&random) }
  }

  private static func fuzz(_ random: inout SeededGenerator) throws {
    for _ in 0..<2000 {
      var text = [UInt8](Value.random(using: &random).json.utf8)
      for _ in 0..<3 {
        guard let index = text.indices.randomElement(using: &random) else { continue }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text[index] = UInt8.random(in: 0...255, using: &random)
        case 1: text.remove(at: index)
        default: text.insert([0x22, 0x5C, 0x7B, 0x5B, 0x2C, 0x2D, 0x2E].randomElement(using: &random) ?? 0, at: index)
        }
      }
      _ = try? Value(json: text)
    }
  }
}
