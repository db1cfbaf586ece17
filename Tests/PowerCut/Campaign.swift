import Foundation
import PowerSimulation
import Synchronization

/// Workloads in several modes on several file systems, and power cuts in all of them.
final class Campaign: Sendable {
  private struct Setting: Hashable {
    let mode: Workload.Mode
    let fileSystem: FileSystem
  }

  private struct State {
    var round: UInt64 = 0
    var planned = 0
    var reports: [Setting: CutReport] = [:]
    var error: (any Error)?

    func complaint(_ mode: Workload.Mode) -> String? {
      mode.complaint(about: reports.filter { $0.key.mode == mode }.flatMap(\.value.failures))
    }
  }

  /// One workload serves for so many cuts.
  private static let cutsOfWorkload = 40
  /// How often a mode that must fail is tried until it has. Whether a short workload without syncs loses anything is a
  /// matter of luck.
  private static let proofs = 5

  let seed: UInt64
  private let driver: String
  private let keep: String
  private let modes: [Workload.Mode]
  private let settings: [Setting]
  private let cuts: Int
  private let deadline: Date
  private let state = Mutex(State())

  init(_ options: Options) throws {
    let wanted = try options.numbers("cuts").last.map { Int(clamping: $0) }
    let seconds = try options.numbers("seconds").last
    deadline = seconds.map { Date(timeIntervalSinceNow: Double($0)) } ?? .distantFuture
    cuts = wanted ?? (seconds == nil ? 200 : .max)
    seed = try options.numbers("seed").last ?? .random(in: 0...(.max))
    keep = options.all("keep").last ?? NSTemporaryDirectory() + "/lmkv-power-cuts"
    driver = try MountedDisk.program("PowerDriver").path
    let given = try options.choices("mode", Workload.Mode.self)
    let modes = given.isEmpty ? [.full, .relaxed] : given
    var fileSystems = try options.choices("fs", FileSystem.self)
    if fileSystems.isEmpty { fileSystems = FileSystem.allCases.filter(\.isInstalled) }
    if fileSystems.isEmpty { throw CutError("mkfs.ext4 is not installed", isForWantOfMeans: true) }
    self.modes = modes
    settings = modes.flatMap { mode in fileSystems.map { Setting(mode: mode, fileSystem: $0) } }
  }

  /// Until there are as many cuts or the time is over. Whether all is as it must be.
  func run(_ say: @escaping @Sendable (String) -> Void) throws -> Bool {
    for _ in 0..<Self.proofs {
      state.withLock { $0.planned = 0 }
      DispatchQueue.concurrentPerform(iterations: max(1, ProcessInfo.processInfo.activeProcessorCount)) { _ in
        while let plan = next() { cut(plan.setting, plan.round, plan.cuts, say) }
      }
      let isProven = state.withLock { state in !modes.contains { $0.mayFail && state.complaint($0) != nil } }
      if isProven { break }
    }
    return try state.withLock { state in
      for setting in settings {
        guard let report = state.reports[setting] else { continue }
        say("\(setting.mode.rawValue) on \(setting.fileSystem.rawValue): \(report.summary)")
      }
      if let error = state.error { throw error }
      let complaints = modes.compactMap { mode in state.complaint(mode).map { "\(mode.rawValue): \($0)" } }
      for complaint in complaints { say(complaint) }
      return complaints.isEmpty
    }
  }

  /// What is to be done next. Nil when it is enough.
  private func next() -> (setting: Setting, round: UInt64, cuts: Int)? {
    guard deadline > .now else { return nil }
    return state.withLock { state in
      // Each setting gets some of them.
      let share = max(1, min(Self.cutsOfWorkload, (cuts - 1) / settings.count + 1))
      let cuts = min(share, cuts - state.planned)
      guard cuts > 0, state.error == nil else { return nil }
      defer {
        state.round += 1
        state.planned += cuts
      }
      return (settings[Int(state.round) % settings.count], state.round, cuts)
    }
  }

  private func cut(_ setting: Setting, _ number: UInt64, _ cuts: Int, _ say: (String) -> Void) {
    do {
      var chance = Chance(seed, number)
      let round = CutRound(
        driver: driver,
        mode: setting.mode,
        fileSystem: setting.fileSystem,
        seed: chance.next(),
        directory: Self.scratch(),
        keep: keep
      )
      let report = try round.run(cuts: cuts, until: deadline)
      state.withLock { $0.reports[setting, default: .init()] += report }
      if setting.mode.mayFail {
        // One of each kind, so that somebody can see what is found.
        let examples = [report.failures.first { !$0.isCorrupt }, report.failures.first(where: \.isCorrupt)]
        for failure in examples.compactMap(\.self) { say("found, as it must be: \(failure.short)") }
      } else {
        for failure in report.failures { say("FAILURE: \(failure.description)") }
      }
    } catch {
      state.withLock { $0.error = $0.error ?? error }
    }
  }

  /// Where a disk is: in memory, if there is enough of it. Containers have 64 MiB, as a rule.
  static func scratch() -> String {
    let memory = "/dev/shm"
    var space = statvfs()
    let isLarge = statvfs(memory, &space) == 0 && space.f_bavail * space.f_frsize >= 2 << 30
    let base = isLarge && access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
    return base + "/lmkv-power-cut-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}
