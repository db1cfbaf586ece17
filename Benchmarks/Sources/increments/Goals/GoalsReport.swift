import Harness

/// What came of one goal.
struct GoalResult: Encodable {
  let durability: String
  let load: String
  let goal: String
  /// Nil when the rival did not run.
  let measured: Double?
  let met: Bool?

  init(_ goal: Goal, _ rounds: Rounds<any CounterContender.Type, CounterSample>) {
    durability = goal.load.durability.rawValue
    load = "\(goal.load.processes) x \(goal.load.tasks)"
    self.goal = goal.measure.sentence
    measured = goal.figure(in: rounds)
    met = measured.map(goal.isMet)
  }

  fileprivate var verdict: String {
    switch met {
    case true?: "met"
    case false?: "MISSED"
    case nil: "not measured"
    }
  }
}

extension Report<GoalResult> {
  init(_ results: [GoalResult]) {
    self.init(
      "goals of \(LMKVCounters.name)",
      results,
      [
        .init("durability") { $0.durability },
        .init("processes x tasks") { $0.load },
        .init("goal") { $0.goal },
        .init("measured") { $0.measured?.formattedFigure ?? "-" },
        .init("outcome") { $0.verdict },
      ],
      remarks: ["\(results.filter { $0.met == true }.count) of \(results.count) goals met."]
    )
  }
}

extension Goal.Measure {
  fileprivate var sentence: String {
    switch self {
    case .rate(let limit, let rival): "rate at least \(limit.formatted) x \(rival)"
    case .longWait(let limit, let rival): "p99.9 wait at most \(limit.formatted) x \(rival)"
    case .smallestShare(let limit): "smallest share at least \(limit.formatted) of the mean"
    }
  }
}

extension Double {
  fileprivate var formatted: String { self == rounded() ? Int(self).formattedCount : "\(self)" }
}
