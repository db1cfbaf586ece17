import Harness

/// How loads are measured: the contenders take turns in each round.
struct LoadMeasurement {
  let directory: StoreDirectory
  let options: RunOptions
  let timeout: Duration

  func measure(
    _ workload: Workload,
    _ contenders: [any CounterContender.Type]
  ) throws -> Rounds<any CounterContender.Type, CounterSample> {
    let progress = ProgressLine()
    return try Rounds(options.rounds, of: contenders) { contender, round in
      progress.show("\(workload.name), round \(round + 1) of \(options.rounds): \(contender.name)")
      defer { progress.clear() }
      return try CounterRun(contender: contender, workload: workload, timeout: timeout).measure(
        in: directory,
        round: round
      )
    }
  }
}
