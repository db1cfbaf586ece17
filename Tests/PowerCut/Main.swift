import CPowerCut
import Foundation
import Glibc
import PowerSimulation

/// Power cuts below a real file system: `docs/power-cuts.md`.
///
///     PowerCut run [--mode M]… [--fs F]… [--boot B] [--cuts N] [--seconds S] [--seed X] [--keep DIR]
///     PowerCut replay --mode M --fs F [--boot B] --seed X --from DIR --ticket T --choice C [--ticket T2 --choice C2]
///
/// The boot is `new`, as after a start of the machine, or `same`, as when only the disk lost its power.
///
/// Ends with status 1 after a failure in a mode that promises something, and with 77 where this machine or this user
/// cannot do it.
@main
enum PowerCut {
  private static let unable: Int32 = 77

  private enum Boot: String, CaseIterable {
    case new, same
  }

  static func main() {
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      guard let verb = arguments.first, ["run", "replay"].contains(verb) else {
        throw CutError("usage: PowerCut run [--mode M] [--fs F] [--cuts N] [--seconds S] [--seed X] [--keep DIR]")
      }
      let options = try Options(Array(arguments.dropFirst()))
      try leaveMounts()
      if try options.choices("boot", Boot.self).last == .same { setenv("LMKV_POWER_SAME_BOOT", "1", 1) }
      if verb == "run" { try run(options) } else { try replay(options) }
    } catch let error as CutError where error.isForWantOfMeans {
      say("skipped: no power can be cut here: \(error)")
      exit(unable)
    } catch {
      FileHandle.standardError.write(Data("PowerCut: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Mounts are for this process and its children alone, and go with them, whatever happens; the programs that are disks
  /// have none of them. Before there are threads.
  private static func leaveMounts() throws {
    let before = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC)
    setenv("LMKV_POWER_MOUNTS", "/proc/\(getpid())/fd/\(before)", 1)
    guard cpowercut_own_mounts() == 0, mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0 else {
      let isRoot = geteuid() == 0
      throw CutError(
        isRoot ? "this container may not mount" : "only root may mount: use sudo",
        isForWantOfMeans: true
      )
    }
  }

  /// Says a line at once.
  @Sendable private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  private static func run(_ options: Options) throws {
    let campaign = try Campaign(options)
    say("seed \(campaign.seed)")
    if try !campaign.run(say) { exit(1) }
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
      directory: Campaign.scratch(),
      keep: place
    )
    let cuts = zip(tickets, choices).map { Cut(ticket: $0, choice: $1) }
    let (manner, fault) = try round.replay(cuts, from: place)
    say("\(place)/image: \(manner)")
    say(fault ?? "ok")
    if fault != nil { exit(1) }
  }
}
