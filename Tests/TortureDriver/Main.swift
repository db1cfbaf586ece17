import FormatCheck
import Foundation
import LMKV

/// The torture of stores by many processes: `TortureDriver ROLE ARGUMENT…`.
///
/// | role | |
/// |---|---|
/// | `run [--seconds S] [--seed X] [--kills N] [--scenario NAME]…` | tortures, and says what came of it |
/// | `scenarios` | the names |
/// | `soak [--seconds S] [--seed X]` | a long service life in a short time: see `Soak` |
/// | `play PLAY STORE JOURNAL STREAM SEED` | a process that writes or reads until it is killed |
/// | `check PLAY STORE JOURNAL` | compares a store with what was done, and looks at it from below |
/// | others | processes of one scenario: see `Roles` |
@main
enum Driver {
  static func main() async {
    let rest = Array(CommandLine.arguments.dropFirst(2))
    do {
      switch CommandLine.arguments.dropFirst().first {
      case "run": try run(Options(rest))
      case "scenarios": for scenario in Scenario.allCases { say(scenario.rawValue) }
      case "soak": try Soak.run(Options(rest))
      case "soak-service": try await SoakService.run(rest)
      case "soak-check": try await SoakJudge.run(rest)
      case "play": try await Player.run(rest)
      case "check" where rest.count == 3: try check(rest)
      case let role?: try await Roles.run(role, rest)
      case nil:
        say("usage: TortureDriver run [--seconds S] [--seed X] [--kills N] [--scenario NAME]…")
        exit(2)
      }
    } catch {
      say("\(CommandLine.arguments.dropFirst().first ?? ""): \(error)")
      exit(1)
    }
    exit(0)
  }

  /// Says a line at once.
  static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  private static func check(_ arguments: [String]) throws {
    let play = try Plays.named(arguments[0])
    let history = History(try Journal(arguments[2]))
    let configuration = Plays.configuration(of: play)
    let store = try Store(path: arguments[1], configuration: configuration)
    try play.check(store, history)
    try store.close()
    try Soundness.check(arguments[1], configuration)
  }
}

/// `--name value` pairs.
struct Options {
  private var values: [String: [String]] = [:]

  init(_ arguments: [String]) throws {
    guard arguments.count % 2 == 0 else { throw Fault("an option has no value") }
    for index in stride(from: 0, to: arguments.count, by: 2) {
      guard arguments[index].hasPrefix("--") else { throw Fault("\(arguments[index]) is no option") }
      values[String(arguments[index].dropFirst(2)), default: []].append(arguments[index + 1])
    }
  }

  func all(_ name: String) -> [String] { values[name] ?? [] }

  func number(_ name: String) throws -> UInt64? {
    guard let text = values[name]?.last else { return nil }
    guard let number = UInt64(text) else { throw Fault("--\(name) is no whole number") }
    return number
  }
}
