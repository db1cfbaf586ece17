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

  static func python(_ program: String, _ input: String) throws -> (status: Int32, output: String, errors: String) {
    let directory = FileManager.default.temporaryDirectory.appending(path: "lmkv-oracle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = ["in", "out", "err"].map { directory.appending(path: $0) }
    try Data(input.utf8).write(to: files[0])
    for file in files[1...] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program]
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    let texts = try files[1...].map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return (process.terminationStatus, texts[0], texts[1])
  }

  /// Whether cbor2 is there. In CI it has to be, so there the test runs and fails without it.
  static let isAvailable =
    ProcessInfo.processInfo.environment["CI"] != nil || (try? python("import cbor2", "").status) == 0

  @Test(
    "cbor2 reads what we write, and we read what it writes",
    .enabled(if: isAvailable, "python3 with cbor2 is not installed")
  )
  func roundTrip() throws {
    var random = SeededGenerator()
    print("OracleTests.roundTrip: LMKV_TEST_SEED=\(random.seed)")
    let values = (0..<500).map { _ in Value.random(using: &random).fitForPython }
    let items = try values.map { try hex(CBOREncoder().encode($0)) }
    let result = try Self.python(Self.program, items.joined(separator: "\n") + "\n")
    try #require(result.status == 0, "cbor2 failed, seed \(random.seed): \(result.errors)")
    let answers = result.output.split(separator: "\n")
    try #require(answers.count == values.count)
    for (value, answer) in zip(values, answers) {
      let read = try CBORDecoder().decode(Value.self, from: bytes(String(answer)))
      #expect(read == value && read.json == value.json, "seed \(random.seed)")
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
