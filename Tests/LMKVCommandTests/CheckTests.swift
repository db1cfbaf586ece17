import Foundation
import LMKV
import Testing

@Suite struct CheckCommandTests {
  /// A store with all sorts of pages: three scopes, large values, expiries, and pages that were freed.
  private func fill(_ lmkv: Command) throws {
    let lines = (0..<2_000).map { #"{"key":"key \#($0)","value":{"n":\#($0),"text":"some text"}}"# }
    try lmkv.output("mset", "users", input: lines.joined(separator: "\n"))
    let sessions = (0..<500).map { #"{"key":"s\#($0)","value":[1,2,\#($0)]}"# }
    try lmkv.output("mset", "sessions", "--expires", "1h", input: sessions.joined(separator: "\n"))
    try lmkv.output("set", "large", "x", "-", "--string", input: String(repeating: "large", count: 10_000))
    try lmkv.output("set", "large", "y", "-", "--string", input: String(repeating: "y", count: 5_000))
    try lmkv.output("delete", "users", "--prefix", "key 11")
    try lmkv.output("delete", "large", "y")
  }

  private let scopes = ["users", "sessions", "large"]

  @Test("A sound store exits with 0, on the command line, with --quiet and as JSON")
  func sound() throws {
    try withCommand { lmkv in
      try fill(lmkv)
      let files = try FileManager.default.contentsOfDirectory(atPath: lmkv.store).sorted()
      let line = try lmkv.output("check")
      #expect(line.hasPrefix("\(lmkv.store): ") && line.hasSuffix(" entries; sound.\n"))
      #expect(try lmkv.output("check", "--quiet") == "")
      let summary = try Value(json: lmkv.output("check", "--json"))
      #expect(
        summary.map?.keys.compactMap(\.string) == [
          "path", "uuid", "revision", "transaction", "pages", "free", "entries", "findings", "notes",
        ]
      )
      let info = try Value(json: lmkv.output("info", "--json"))
      #expect(summary["entries"] == info["entries"] && summary["revision"] == info["revision"])
      #expect(summary["uuid"] == info["uuid"] && summary["findings"] == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: lmkv.store).sorted() == files)
      #expect(try lmkv("check", "--store", lmkv.store + "/absent").status == 5)
      // Beside a transaction that does not end, and without any file but the data.
      try FileManager.default.createDirectory(atPath: lmkv.store + ".copy", withIntermediateDirectories: false)
      try FileManager.default.copyItem(atPath: lmkv.store + "/data.mdb", toPath: lmkv.store + ".copy/data.mdb")
      try lmkv.output("check", "--store", lmkv.store + ".copy")
      #expect(try FileManager.default.contentsOfDirectory(atPath: lmkv.store + ".copy") == ["data.mdb"])
    }
  }

  @Test("Findings are printed with the place, as sentences or a line of JSON each, and the status is 4")
  func findings() throws {
    try withDamagedStore { lmkv in
      try fill(lmkv)
      let file = URL(fileURLWithPath: lmkv.store + "/data.mdb")
      var bytes = try Data(contentsOf: file)
      // The value of a key, in its page and in freed ones: a map of two becomes one of three.
      for text in bytes.ranges(of: Data("key 1500".utf8)) where bytes[text.upperBound + 9] == 0xA2 {
        bytes[text.upperBound + 9] = 0xA3
      }
      try bytes.write(to: file)
      let result = try lmkv("check")
      #expect(result.status == 4 && result.errors.isEmpty)
      #expect(result.output.contains(#"(scope "users", key "key 1500")"#), "\(result.output)")
      #expect(result.output.contains("; 1 finding. "))
      #expect(try lmkv("check", "--quiet").output.split(separator: "\n").count == 1)
      let lines = try lmkv("check", "--json").output.split(separator: "\n").map { try Value(json: String($0)) }
      #expect(lines.count == 2 && lines[1]["findings"] == 1)
      #expect(
        lines[0].map?.keys.compactMap(\.string) == ["section", "kind", "page", "database", "scope", "key", "message"]
      )
      #expect(lines[0]["kind"] == "value" && lines[0]["key"] == "key 1500" && lines[0]["scope"] == "users")
    }
  }

  /// Damages that the check does not find must not matter to anybody: the command reads the same entries, but for the
  /// value or key of one.
  @Test("Of many damaged stores none crashes the check or hangs it, and what it finds sound can be read")
  func damaged() async throws {
    let given = ProcessInfo.processInfo.environment["LMKV_SEED"]
    let seed = try given.map { try #require(UInt64($0)) } ?? .random(in: .min ... .max)
    var random = Mixer(state: seed)
    try withDamagedStore { lmkv in
      try fill(lmkv)
      let file = URL(fileURLWithPath: lmkv.store + "/data.mdb")
      let sound = try Data(contentsOf: file)
      let entries = try Set(scopes.flatMap { try lmkv.output("scan", $0).split(separator: "\n") })
      var (found, silent, crashes) = (0, 0, 0)
      for number in 0..<120 {
        var bytes = sound
        let damage = Damage(number, &random, &bytes)
        try bytes.write(to: file)
        let result = try lmkv("check", "--quiet")
        let replay: Comment = "\(damage.description); LMKV_SEED=\(seed) replays this"
        #expect(result.status == 0 || result.status == 4, replay)
        #expect(result.output.isEmpty == (result.status == 0), replay)
        guard result.status == 0 else {
          found += 1
          try expectSentences(lmkv, bytes, replay, &random, &crashes)
          continue
        }
        silent += 1
        let scans = try scopes.map { try lmkv("scan", $0) }
        #expect(scans.allSatisfy { $0.status == 0 }, replay)
        let left = Set(scans.flatMap { $0.output.split(separator: "\n") })
        #expect(left.count == entries.count && left.subtracting(entries).count <= 1, replay)
      }
      print("damaged stores: \(found) found, \(silent) where nothing but a value or key could differ; seed \(seed)")
      print("of \(2 * found) verbs on those that were found damaged LMDB crashed in \(crashes)")
      #expect(found > 40)
    }
  }
}

extension CheckCommandTests {
  /// On a store in which a check has found something, verbs may work or not; two by chance are tried. They end with a status and a sentence, and never by a
  /// signal. Defect C4.
  private func expectSentences(
    _ lmkv: Command,
    _ bytes: Data,
    _ replay: Comment,
    _ random: inout Mixer,
    _ crashes: inout Int
  ) throws {
    let verbs = [
      ["info"], ["scan", "users"], ["scan", "large"], ["get", "users", "key 1500"], ["count", "sessions"],
      ["set", "users", "key 1500", "1"], ["delete", "sessions", "--prefix", "s"], ["clear", "large"],
    ]
    for _ in 0..<2 {
      let verb = verbs[random.below(verbs.count)]
      try bytes.write(to: URL(fileURLWithPath: lmkv.store + "/data.mdb"))
      let result = try run(Command.executable, verb, environment: ["LMKV_STORE": lmkv.store])
      #expect((0...5).contains(result.status), "\(verb) ended with \(result.status): \(result.errors); \(replay)")
      guard result.status > 1 else { continue }
      let last = result.errors.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("lmkv: ") && last.hasSuffix("."), "\(verb): \(result.errors); \(replay)")
      if last.contains("made LMDB crash") { crashes += 1 }
    }
  }
}

/// One of several kinds of damage, done to a data file.
private struct Damage {
  let description: String

  init(_ number: Int, _ random: inout Mixer, _ bytes: inout Data) {
    let size = 4_096
    let pages = bytes.count / size
    switch number % 6 {
    case 0, 1:
      // Anywhere, or where the structure is.
      let offset = random.below(pages) * size + random.below(number % 6 == 0 ? size : 40)
      let bit = random.below(8)
      bytes[offset] ^= 1 << UInt8(bit)
      description = "bit \(bit) of byte \(offset)"
    case 2:
      let page = random.below(pages)
      bytes.replaceSubrange(page * size..<(page + 1) * size, with: Data(count: size))
      description = "zeros in page \(page)"
    case 3:
      let (first, second) = (random.below(pages), random.below(pages))
      let (one, other) = (bytes[first * size..<(first + 1) * size], bytes[second * size..<(second + 1) * size])
      bytes.replaceSubrange(first * size..<(first + 1) * size, with: Data(other))
      bytes.replaceSubrange(second * size..<(second + 1) * size, with: Data(one))
      description = "pages \(first) and \(second) swapped"
    case 4:
      let count = random.below(bytes.count)
      bytes = bytes.prefix(count)
      description = "\(count) bytes left"
    default:
      let offset = random.below(bytes.count - 600)
      let length = random.below(600)
      for index in 0..<length { bytes[offset + index] = UInt8(random.below(256)) }
      description = "\(length) other bytes at \(offset)"
    }
  }
}

/// SplitMix64.
private struct Mixer {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
  }
}
