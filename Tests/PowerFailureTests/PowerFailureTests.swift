#if os(Linux)
  import Foundation
  import PowerSimulation
  import Testing

  /// What is in a store when the power fails in the middle of the work of several processes, and whatever else of
  /// `Event.survived` befalls it.
  @Suite(.serialized)
  struct PowerFailureTests {
    @Test("Every acknowledged commit is there after a power failure, and none is there by half")
    func full() throws {
      let report = try simulate(.full, rounds: 2, images: 120)
      #expect(report.images >= 160)
      for failure in report.failures { Issue.record("\(failure)") }
    }

    @Test("So it is with LMDB's own commits, which shows that the simulator asks for nothing that a disk cannot give")
    func engine() throws {
      let report = try simulate(.engine, rounds: 1, images: 80)
      for failure in report.failures { Issue.record("\(failure)") }
    }

    @Test("Commits whose header nobody syncs are found to be lost, and nothing else is found")
    func lazy() throws {
      let report = try simulate(.lazy, rounds: 1, images: 60)
      #expect(!report.failures.isEmpty, "nothing was lost")
      for failure in report.failures where failure.isCorrupt { Issue.record("\(failure)") }
    }

    @Test("Commits that nobody syncs are found to be lost, and the file to be corrupt")
    func unsafe() throws {
      let report = try simulate(.unsafe, rounds: 1, images: 80)
      #expect(report.failures.contains { !$0.isCorrupt }, "nothing was lost")
      #expect(report.failures.contains { $0.isCorrupt }, "nothing was corrupt")
    }

    @Test("A sync that fails is found to lose what the kernel forgets, although the next sync succeeds")
    func forgetful() throws {
      let trace = NSTemporaryDirectory() + "/lmkv-forgetful-\(UInt64.random(in: 0...(.max)))"
      let root = trace + ".disk"
      defer { for path in [trace, root] { try? FileManager.default.removeItem(atPath: path) } }
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      try Trace.create(trace, capacity: 1 << 24)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try driver())
      process.arguments = ["forgetful", root + "/file"]
      process.environment = ProcessInfo.processInfo.environment.merging([
        "LMKV_POWER_TRACE": trace, "LMKV_POWER_ROOT": root, "LMKV_POWER_FAULTS": "s,file,1,EIO,1",
      ]) { $1 }
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      try Trace.finish(trace)
      let recorded = try Trace(trace)
      let disk = Disk(recorded, volatile: [])
      try disk.advance(to: recorded.lastTicket)
      let left = try #require(CrashImage(disk, choice: 1, left: [:]).files["file"])
      let pages = stride(from: 0, to: left.count, by: 4_096).map { left[$0] }
      // The first sync went well, the second failed, the third went well and brought what was written after it.
      #expect(pages.count == 65)
      #expect(pages.last == 3)
      #expect(pages.dropLast().contains(1), "nothing was forgotten")
      #expect(pages.dropLast().contains(2), "everything was forgotten")
    }

    @Test("A relaxed commit is there after its interval, and the file is sound whenever the power fails")
    func relaxed() throws {
      let report = try simulate(.relaxed, rounds: 2, images: 80)
      for failure in report.failures { Issue.record("\(failure)") }
    }

    /// Runs as many workloads at once, and says with which seed.
    private func simulate(_ mode: Workload.Mode, rounds: Int, images: Int) throws -> Simulation.Report {
      let given = ProcessInfo.processInfo.environment["LMKV_SEED"]
      let seed = try given.map { try #require(UInt64($0), "LMKV_SEED is no whole number") } ?? .random(in: 0...(.max))
      print("\(mode.rawValue): LMKV_SEED=\(seed)")
      let simulation = Simulation(
        driver: try driver(),
        mode: mode,
        events: Event.survived,
        keep: NSTemporaryDirectory() + "/lmkv-power-failures"
      )
      var report = Simulation.Report()
      for round in 0..<rounds {
        var chance = Chance(seed, UInt64(round))
        report += try simulation.round(seed: chance.next(), images: images)
      }
      print("\(mode.rawValue): \(report.summary)\n\(report.coverage.table)")
      return report
    }

    /// The driver is built beside the tests, wherever these are.
    private func driver() throws -> String {
      final class Anchor {}
      let places = [URL(fileURLWithPath: CommandLine.arguments[0]), Bundle(for: Anchor.self).bundleURL]
        .map { $0.deletingLastPathComponent() }
      return try #require(
        (places + places.map { $0.deletingLastPathComponent() }).map { $0.appendingPathComponent("PowerDriver").path }
          .first { FileManager.default.isExecutableFile(atPath: $0) }
      )
    }
  }
#endif
