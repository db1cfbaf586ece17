import FormatCheck
import Foundation
import PowerSimulation

/// What came of a scenario, or of a round of it.
struct Outcome {
  var operations = 0
  var kills = 0
  var faults: [String] = []
  var notes: [String] = []
  var rounds = 1

  static func += (sum: inout Outcome, more: Outcome) {
    sum.operations += more.operations
    sum.kills += more.kills
    sum.faults += more.faults
    sum.notes += more.notes
    sum.rounds += more.rounds
  }
}

extension Driver {
  /// Runs the scenarios in turn, until the time is over, or as many processes were killed.
  static func run(_ options: Options) throws {
    let seed = try options.number("seed") ?? .random(in: 0...(.max))
    let kills = try options.number("kills").map { Int($0) }
    let seconds = try options.number("seconds").map { Double($0) } ?? (kills == nil ? 60 : .infinity)
    let names = options.all("scenario")
    let scenarios = try names.map { name in
      guard let scenario = Scenario(rawValue: name) else { throw Fault("there is no scenario \(name)") }
      return scenario
    }
    let all = scenarios.isEmpty ? Array(Scenario.allCases) : scenarios
    say("seed \(seed)")
    signal(SIGPIPE, SIG_IGN)
    let base = options.all("directory").last ?? NSTemporaryDirectory() + "/lmkv-torture-\(getpid())"
    try ClockSteps.share(in: base)
    let end = Moment.seconds + seconds
    var outcomes: [Scenario: Outcome] = [:]
    var (pass, total) = (UInt64(try options.number("pass") ?? 0), 0)
    let isReplay = try options.number("pass") != nil
    while pass == 0 || isReplay || (Moment.seconds < end && total < kills ?? .max) {
      // The others need no second time: they do not depend on chance as much.
      let turns = all.filter { $0.isLong || pass % 8 == 0 || isReplay }
      for (index, scenario) in turns.enumerated() {
        let long = turns[index...].count { $0.isLong }
        // Each of those that take no more time than they need takes about so long.
        let rest = end - Moment.seconds - 1.5 * Double(turns[index...].count { !$0.isLong })
        let longest: Double = scenario == .churn ? 30 : 10
        let share = min(longest, kills != nil && rest == .infinity ? 10 : max(1, rest / Double(max(long, 1))))
        var chance = Chance(seed, pass, scenario.number)
        let directory = "\(base)/\(scenario.rawValue)-\(pass)"
        let limit = kills.map { $0 - total }
        let outcome = try scenario.run(directory, seconds: share, kills: limit, &chance)
        if outcomes[scenario] == nil { outcomes[scenario] = outcome } else { outcomes[scenario]? += outcome }
        total += outcome.kills
        if outcome.faults.isEmpty {
          try? FileManager.default.removeItem(atPath: directory)
        } else {
          for fault in outcome.faults {
            say("VIOLATION in \(scenario.rawValue), pass \(pass): \(fault)")
          }
          say(
            "  left in \(directory); again: TortureDriver run --scenario \(scenario.rawValue) --seed \(seed) --pass \(pass)"
          )
        }
        if pass > 0, Moment.seconds >= end || total >= kills ?? .max { break }
      }
      pass += 1
      if isReplay { break }
    }
    report(all, outcomes)
    unlink(base + "/clock")
    rmdir(base)
    exit(outcomes.values.allSatisfy(\.faults.isEmpty) ? 0 : 1)
  }

  private static func report(_ scenarios: [Scenario], _ outcomes: [Scenario: Outcome]) {
    var sum = Outcome(rounds: 0)
    for scenario in scenarios {
      guard let outcome = outcomes[scenario] else { continue }
      sum += outcome
      let name = scenario.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
      say(
        "\(name) \(outcome.rounds) rounds, \(outcome.operations) operations, \(outcome.kills) kills, "
          + "\(outcome.faults.count) violations"
      )
      for note in Set(outcome.notes).sorted() { say("           \(note)") }
    }
    say("all        \(sum.operations) operations, \(sum.kills) kills, \(sum.faults.count) violations")
  }
}
