#if os(Linux)
  import Foundation
  import Testing

  /// What stores go through when everybody who uses them may be killed at any moment. `scripts/torture` does the same
  /// for longer.
  @Suite(.serialized)
  struct TortureTests {
    @Test("Every acknowledged increment of killed processes is there, and none twice")
    func counter() throws { try torture("counter", seconds: 2) }

    @Test("The sum of all accounts is the same in every snapshot, while those who move money are killed")
    func bank() throws { try torture("bank", seconds: 2) }

    @Test("Appends to a list are whole, once, in an order that real time allows, and nobody sees another one")
    func list() throws { try torture("list", seconds: 2) }

    @Test("The file of a store whose entries come and go keeps its size, while those who write and read are killed")
    func churn() throws { try torture("churn", seconds: 2) }

    @Test("Processes that count for each other, while they are stopped and killed, are told each sum once")
    func letters() throws { try torture("letters", seconds: 2) }

    @Test("So it is while a program that knows LMDB only raises the revision")
    func strangers() throws { try torture("strangers", seconds: 2) }

    @Test("Processes that are killed while they make, open and close stores leave sound ones")
    func opening() throws { try torture("opening", seconds: 2) }

    @Test("Two who write go on when one of them is killed, wherever it was")
    func survivor() throws { try torture("survivor", seconds: 2) }

    @Test("The transaction of a killed process is taken over by one who waits, and by one who comes")
    func takeover() throws { try torture("takeover", seconds: 1) }

    @Test("Two hundred processes count together, and lose nothing when half of them are killed")
    func crowd() throws { try torture("crowd", seconds: 1) }

    @Test("A full disk is an error, loses nothing acknowledged, and is over when there is room again")
    func fullDisk() throws { try torture("full-disk", seconds: 1) }

    @Test("Who may write no larger files gets errors, and nobody else is harmed")
    func limitedFiles() throws { try torture("limited-files", seconds: 1) }

    @Test("A store that a killed process left on a medium that cannot be written is read, and not written")
    func readOnly() throws { try torture("read-only", seconds: 1) }

    @Test("Who reads a store through a read-only mount while others write sees whole snapshots, or is refused")
    func livingView() throws { try torture("living-view", seconds: 2) }

    @Test("A forked child cannot use its parent's store, opens its own, and harms nobody when it is killed")
    func fork() throws { try torture("fork", seconds: 1) }

    @Test("With clocks that jump nothing is lost and all waiting ends")
    func clock() throws { try torture("clock", seconds: 1) }

    @Test("A living process with another version of the control page is named, and an unused page is made anew")
    func versions() throws { try torture("versions", seconds: 1) }

    @Test("What services take of the machine stays bounded, while they come, go, are killed, and the clock is set")
    func soak() throws { try run("soak", ["soak", "--seconds", "4"]) }

    private func torture(_ scenario: String, seconds: Int) throws {
      try run(scenario, ["run", "--scenario", scenario, "--seconds", "\(seconds)"])
    }

    /// What it says ends with status 0 if all was as it must be.
    private func run(_ name: String, _ arguments: [String]) throws {
      let given = ProcessInfo.processInfo.environment["LMKV_SEED"]
      let seed = try given.map { try #require(UInt64($0), "LMKV_SEED is no whole number") } ?? .random(in: 0...(.max))
      print("\(name): LMKV_SEED=\(seed)")
      let process = Process()
      process.executableURL = try driver()
      process.arguments = arguments + ["--seed", "\(seed)"]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      print(text)
      #expect(process.terminationStatus == 0, "LMKV_SEED=\(seed) plays this again. \(text)")
      if let reason = text.firstRange(of: "skipped: "), ProcessInfo.processInfo.environment["CI"] == nil {
        try Test.cancel("\(text[reason.lowerBound...].prefix { $0 != "\n" })")
      }
    }

    /// The driver is built beside the tests, wherever these are.
    private func driver() throws -> URL {
      final class Anchor {}
      let places = [URL(fileURLWithPath: CommandLine.arguments[0]), Bundle(for: Anchor.self).bundleURL]
        .map { $0.deletingLastPathComponent() }
      return try #require(
        (places + places.map { $0.deletingLastPathComponent() }).map { $0.appendingPathComponent("TortureDriver") }
          .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      )
    }
  }
#endif
