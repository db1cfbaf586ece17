#if os(Linux)
  import Foundation
  import Testing

  /// What is in a store when the power is cut below a real file system. `make power-cut` does the same for longer.
  @Suite(.serialized)
  struct PowerCutTests {
    @Test("Below a real file system every acknowledged commit is there after a power cut, and none is there by half")
    func full() throws { try cut("full", cuts: 24) }

    @Test("Below a real file system a relaxed commit is there after its interval, and the file is always sound")
    func relaxed() throws { try cut("relaxed", cuts: 16) }

    @Test("Below a real file system commits that nobody syncs are found to be lost, and the file to be corrupt")
    func unsafe() throws { try cut("unsafe", cuts: 60) }

    private func cut(_ mode: String, cuts: Int) throws {
      let given = ProcessInfo.processInfo.environment["LMKV_SEED"]
      let seed = try given.map { try #require(UInt64($0), "LMKV_SEED is no whole number") } ?? .random(in: 0...(.max))
      print("power cuts, \(mode): LMKV_SEED=\(seed)")
      let process = Process()
      process.executableURL = try program()
      process.arguments = ["run", "--mode", mode, "--cuts", "\(cuts)", "--seed", "\(seed)"]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      print(text)
      // It needs to mount, which few containers may.
      if process.terminationStatus == 77, ProcessInfo.processInfo.environment["CI"] == nil {
        try Test.cancel("\(text.trimmingCharacters(in: .whitespacesAndNewlines))")
      }
      #expect([0, 77].contains(process.terminationStatus), "LMKV_SEED=\(seed) plays this again. \(text)")
    }

    /// It is built beside the tests, wherever these are.
    private func program() throws -> URL {
      final class Anchor {}
      let places = [URL(fileURLWithPath: CommandLine.arguments[0]), Bundle(for: Anchor.self).bundleURL]
        .map { $0.deletingLastPathComponent() }
      return try #require(
        (places + places.map { $0.deletingLastPathComponent() }).map { $0.appendingPathComponent("PowerCut") }
          .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      )
    }
  }
#endif
