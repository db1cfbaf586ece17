import LMKV
import Testing

@Suite struct AppendixATests {
  @Test("The table holds all rows of the RFC") func complete() {
    #expect(appendixA.count == 81)
  }

  @Test("Each vector of RFC 8949 Appendix A is read as its value", arguments: appendixA)
  func decodes(_ vector: Vector) throws {
    let value = try CBORDecoder().decode(Value.self, from: bytes(vector.hex))
    #expect(value == vector.value)
    if case .double(let left) = value, case .double(let right) = vector.value {
      // Equality takes the two zeros for one; here the sign counts.
      #expect(left.sign == right.sign || left.isNaN)
    }
  }

  @Test("Each vector of RFC 8949 Appendix A is written in the shortest form", arguments: appendixA)
  func encodes(_ vector: Vector) throws {
    let encoded = hex(try CBOREncoder().encode(vector.value))
    if vector.isOurForm { #expect(encoded == vector.hex) } else { #expect(encoded.count <= vector.hex.count) }
  }

  @Test("Each vector of RFC 8949 Appendix A is skipped as an unknown key's value", arguments: appendixA)
  func skips(_ vector: Vector) throws {
    struct Known: Decodable { var k: Int }
    let map = [0xA2] + bytes("6175") + bytes(vector.hex) + bytes("616b07")
    #expect(try CBORDecoder().decode(Known.self, from: map).k == 7)
  }
}
