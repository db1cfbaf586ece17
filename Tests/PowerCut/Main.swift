import CPowerCut
import Foundation
import Glibc
import PowerSimulation
import Synchronization

/// Power cuts below a real file system: `docs/power-cuts.md`.
///
///     PowerCut run [--mode M]… [--fs F]… [--cuts N] [--seconds S] [--seed X] [--keep DIR]
///     PowerCut replay --mode M --fs F --seed X --from DIR --ticket T --choice C [--ticket T2 --choice C2]
///
/// Ends with status 1 after a failure in a mode that promises something, and with 77 where this machine or this user
/// cannot do it.
@main
enum PowerCut {
  private static let unable: Int32 = 77

  static func main() {
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      guard let verb = arguments.first, ["run", "replay"].contains(verb) else {
        throw CutError("usage: PowerCut run [--mode M] [--fs F] [--cuts N] [--seconds S] [--seed X] [--keep DIR]")
      }
      let options = try Options(Array(arguments.dropFirst()))
      try leaveMounts()
      if verb == "run" { try run(options) } else { try replay(options) }
    } catch let error as CutError where error.isForWantOfMeans {
      say("skipped: no power can be cut here: \(error)")
      exit(unable)
    } catch {
      FileHandle.standardError.write(Data("PowerCut: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Mounts are for this process and its children alone, and go with them, whatever happens. Before there are threads.
  private static func leaveMounts() throws {
    guard cpowercut_own_mounts() == 0, mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0 else {
      let isRoot = geteuid() == 0
      throw CutError(
        isRoot ? "this container may not mount" : "only root may mount: use sudo",
        isForWantOfMeans: true
      )
    }
  }

  /// Says a line at once.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// In memory, where there is enough of it: containers have 64 MiB, as a rule.
  private static func scratch() -> String {
    let memory = "/dev/shm"
    var space = statvfs()
    let isLarge = statvfs(memory, &space) == 0 && space.f_bavail * space.f_frsize >= 2 << 30
    let base = isLarge && access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
    return base + "/lmkv-power-cut-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }

  private struct Setting: Hashable {
    let mode: Workload.Mode
    let fileSystem: FileSystem
  }

  private struct State {
    var round: UInt64 = 0
    var planned = 0
    var reports: [Setting: CutReport] = [:]
    var error: (any Error)?
  }

  /// Lets workloads run and cuts the power until there are as many cuts or the time is over.
  private static func run(_ options: Options) throws {
    let wanted = try options.numbers("cuts").last.map { Int($0) }
    let seconds = try options.numbers("seconds").last
    let deadline = seconds.map { Date(timeIntervalSinceNow: Double($0)) } ?? .distantFuture
    let total = wanted ?? (seconds == nil ? 200 : .max)
    let seed = try options.numbers("seed").last ?? .random(in: 0...(.max))
    var modes = try options.choices("mode", Workload.Mode.self)
    if modes.isEmpty { modes = [.full, .relaxed] }
    var fileSystems = try options.choices("fs", FileSystem.self)
    if fileSystems.isEmpty { fileSystems = FileSystem.allCases.filter(\.isInstalled) }
    if fileSystems.isEmpty { throw CutError("mkfs.ext4 is not installed", isForWantOfMeans: true) }
    let settings = modes.flatMap { mode in fileSystems.map { Setting(mode: mode, fileSystem: $0) } }
    let keep = options.all("keep").last ?? NSTemporaryDirectory() + "/lmkv-power-cuts"
    let driver = try MountedDisk.program("PowerDriver").path
    // A workload serves for some cuts, and each setting gets some of them.
    let share = max(1, min(40, (total - 1) / settings.count + 1))
    say("seed \(seed)")
    let state = Mutex(State())
    DispatchQueue.concurrentPerform(iterations: max(1, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      while deadline > .now {
        let plan: (round: UInt64, cuts: Int)? = state.withLock { state in
          let cuts = min(share, total - state.planned)
          guard cuts > 0, state.error == nil else { return nil }
          defer {
            state.round += 1
            state.planned += cuts
          }
          return (state.round, cuts)
        }
        guard let plan else { return }
        let setting = settings[Int(plan.round) % settings.count]
        do {
          var chance = Chance(seed, plan.round)
          let round = CutRound(
            driver: driver,
            mode: setting.mode,
            fileSystem: setting.fileSystem,
            seed: chance.next(),
            directory: scratch(),
            keep: keep
          )
          let report = try round.run(cuts: plan.cuts, until: deadline)
          state.withLock { $0.reports[setting, default: .init()] += report }
          if setting.mode.mayFail {
            // One of each kind, so that somebody can see what is found.
            let examples = [report.failures.first { !$0.isCorrupt }, report.failures.first(where: \.isCorrupt)]
            for failure in examples.compactMap(\.self) { say("found, as it must be: \(failure.short)") }
          } else {
            for failure in report.failures { say("FAILURE: \(failure.description)") }
          }
        } catch {
          state.withLock { $0.error = error }
        }
      }
    }
    let (reports, error) = state.withLock { ($0.reports, $0.error) }
    for setting in settings {
      guard let report = reports[setting] else { continue }
      say("\(setting.mode.rawValue) on \(setting.fileSystem.rawValue): \(report.summary)")
    }
    if let error { throw error }
    for mode in modes {
      let failures = reports.filter { $0.key.mode == mode }.flatMap(\.value.failures)
      if let complaint = mode.complaint(about: failures) {
        say("\(mode.rawValue): \(complaint)")
        exit(1)
      }
    }
  }

  private static func replay(_ options: Options) throws {
    let tickets = try options.numbers("ticket")
    let choices = try options.numbers("choice")
    guard let mode = try options.choices("mode", Workload.Mode.self).first,
      let fileSystem = try options.choices("fs", FileSystem.self).first,
      let seed = try options.numbers("seed").first, let place = options.all("from").first,
      !tickets.isEmpty, tickets.count == choices.count
    else { throw CutError("replay needs --mode, --fs, --seed, --from, --ticket and --choice") }
    let round = CutRound(
      driver: try MountedDisk.program("PowerDriver").path,
      mode: mode,
      fileSystem: fileSystem,
      seed: seed,
      directory: scratch(),
      keep: place
    )
    let cuts = zip(tickets, choices).map { Cut(ticket: $0, choice: $1) }
    let (manner, fault) = try round.replay(cuts, from: place)
    say("\(place)/image: \(manner)")
    say(fault ?? "ok")
    if fault != nil { exit(1) }
  }
}
