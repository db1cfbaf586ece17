import Foundation
import LMKV
import Testing

/// Python's cbor2 as an outside reader and writer.
@Suite struct OracleTests {
  /// Reads one item in hexadecimal a line, decodes it, encodes what it is, and prints that.
  static let program = """
    import sys, cbor2
    for line in sys.stdin:
        item = cbor2.loads(bytes.fromhex(line))
        print(cbor2.dumps(item).hex())
    """

  @Test("cbor2 reads what we write, and we read what it writes")
  func roundTrip() async throws {
    try await withSeed { random in try Self.roundTrip(&random) }
  }

  private static func roundTrip(_ random: inout SeededGenerator) throws {
    let values = (0..<500).map { _ in Value.random(using: &random).fitForPython }
    let items = try values.map { try hex(CBOREncoder().encode($0)) }
    let input = Data((items.joined(separator: "\n") + "\n").utf8)
    let result = try python(program, modules: ["cbor2"], input: input)
    try #require(result.status == 0, "cbor2 failed: \(result.errors)")
    let answers = result.output.split(separator: "\n")
    try #require(answers.count == values.count)
    for (value, answer) in zip(values, answers) {
      let read = try CBORDecoder().decode(Value.self, from: bytes(String(answer)))
      #expect(read == value && read.json == value.json)
    }
  }
}

extension Value {
  /// The value without what Python can't tell apart or cbor2 refuses: in keys, 1, 1.0 and True are one; dates outside
  /// the years 1 to 9999; tags that it checks the content of; simple values and NaN as keys; nested keys.
  fileprivate var fitForPython: Value {
    switch self {
    case .array(let array): return .array(array.map(\.fitForPython))
    case .map(let map):
      var result: Value = [:]
      for (key, value) in map {
        if key.string == nil && key.int == nil && key.bytes == nil { continue }
        result[key] = value.fitForPython
      }
      return result
    case .tagged(_, let content): return .tagged(4711, content.fitForPython)
    case .date(let date):
      let seconds = date.timeIntervalSince1970
      // Python's dates have whole microseconds.
      return .integer(seconds.isFinite ? Int128(seconds) : 0)
    default: return self
    }
  }
}
