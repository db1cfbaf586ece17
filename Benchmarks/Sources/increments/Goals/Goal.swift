import Harness

/// What LMKV shall reach beside a rival, under one load.
struct Goal: Sendable {
  let load: Load
  let measure: Measure

  /// A row of the loads that are measured one after another.
  struct Load: Hashable, Sendable {
    let durability: Durability
    let processes: Int
    let tasks: Int

    func workload(counters: Int, extent: Extent) -> Workload {
      Workload(
        processes: processes,
        callers: tasks,
        form: .usual(for: tasks),
        counters: counters,
        extent: extent,
        durability: durability
      )
    }
  }

  enum Measure: Sendable {
    /// So many times the increments of a rival, at least.
    case rate(Double, of: String)
    /// The 99.9th percentile of the waits is so many times a rival's, at most.
    case longWait(Double, of: String)
    /// The smallest share of a process is so much of the mean, at least.
    case smallestShare(Double)
  }

  /// The contender beside which LMKV is measured, if it takes one.
  var rival: String? {
    switch measure {
    case .rate(_, let rival), .longWait(_, let rival): rival
    case .smallestShare: nil
    }
  }

  func isMet(by figure: Double) -> Bool {
    switch measure {
    case .rate(let limit, _), .smallestShare(let limit): figure >= limit
    case .longWait(let limit, _): figure <= limit
    }
  }

  /// The median over the rounds, each ratio taken within its round; nil when the rival did not run.
  func figure(in rounds: Rounds<any CounterContender.Type, CounterSample>) -> Double? {
    guard let index = rounds.position(of: LMKVCounters.name) else { return nil }
    switch measure {
    case .rate(_, let rival):
      return rounds.position(of: rival).map { rounds.medianRatio(of: index, to: $0, \.operationsPerSecond) }
    case .longWait(_, let rival):
      return rounds.position(of: rival).map { base in
        rounds.medianRatio(of: index, to: base) { $0.waits.microseconds(atPercentile: 99.9) }
      }
    case .smallestShare:
      return rounds.median(of: index, \.shares.lowerBound)
    }
  }
}

extension Rounds<any CounterContender.Type, CounterSample> {
  fileprivate func position(of name: String) -> Int? {
    contenders.firstIndex { $0.name == name }
  }
}
