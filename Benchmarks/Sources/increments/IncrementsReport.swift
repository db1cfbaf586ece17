import Harness

/// The outcome of all rounds, for people and for programs.
struct IncrementsReport {
  private let workload: Workload
  private let results: [Result]

  struct Result: Encodable {
    let contender: String
    let durability: String
    let processes: Int
    /// Threads or tasks in each process.
    let workers: Int
    let workerKind: String
    let operationsPerSecond: Double
    /// Nil when the floor did not run.
    let ratioToFloor: Double?
    let expected: Int
    let counted: Int
    let p50: Double
    let p99: Double
    let p999: Double
    let max: Double
    let minShare: Double
    let maxShare: Double
  }

  init(workload: Workload, rounds: Rounds<any CounterContender.Type, CounterSample>) {
    self.workload = workload
    let floor = rounds.contenders.firstIndex { $0.name == floorName }
    results = rounds.contenders.indices.map { index in
      let contender = rounds.contenders[index]
      func wait(_ percentile: Double) -> Double {
        rounds.median(of: index) { $0.waits.microseconds(atPercentile: percentile) }
      }
      return Result(
        contender: contender.name,
        durability: workload.durability.rawValue,
        processes: workload.processes,
        workers: workload.callers,
        workerKind: contender.callerKind(for: workload.callerKind).rawValue,
        operationsPerSecond: rounds.median(of: index, \.operationsPerSecond),
        ratioToFloor: floor.map { rounds.medianRatio(of: index, to: $0, \.operationsPerSecond) },
        expected: rounds[index].reduce(0) { $0 + $1.expected },
        counted: rounds[index].reduce(0) { $0 + $1.counted },
        p50: wait(50),
        p99: wait(99),
        p999: wait(99.9),
        max: rounds[index].map { $0.waits.microseconds(atPercentile: 100) }.max() ?? 0,
        minShare: rounds.median(of: index, \.shares.lowerBound),
        maxShare: rounds.median(of: index, \.shares.upperBound)
      )
    }
  }

  func printJSONLines() throws {
    for result in results { try printJSONLine(result) }
  }

  func printTable(rounds: Int) {
    print("\(workload.summary), \(rounds) \(rounds == 1 ? "round" : "rounds")\n")
    Table<Result>([
      .init("contender") { $0.contender },
      .init("ops/s") { $0.operationsPerSecond.rounded().formattedFigure },
      .init("x \(floorName)") { $0.ratioToFloor?.formattedRatio ?? "-" },
      .init("p50 us") { $0.p50.formattedFigure },
      .init("p99 us") { $0.p99.formattedFigure },
      .init("p99.9 us") { $0.p999.formattedFigure },
      .init("max us") { $0.max.formattedFigure },
      .init("min share") { $0.minShare.formattedFigure },
      .init("max share") { $0.maxShare.formattedFigure },
      .init("expected") { $0.expected.formattedCount },
      .init("counted") { $0.counted.formattedCount },
    ]).print(results)
    let blocking = results.filter { $0.workerKind != workload.callerKind.rawValue }.map(\.contender)
    if !blocking.isEmpty {
      print("\nNo suspending form, so threads instead of tasks: \(blocking.joined(separator: ", ")).")
    }
  }
}

extension Workload {
  fileprivate var summary: String {
    let extent =
      switch extent {
      case .seconds(let seconds): "\(seconds.formattedFigure) s"
      case .increments(let increments): "\(increments.formattedCount) increments each"
      }
    return """
      durability \(durability.rawValue), \(count(processes, "process", "processes")) x \
      \(count(callers, callerKind.rawValue, callerKind.rawValue + "s")), \(count(counters, "counter", "counters")), \
      \(extent)
      """
  }

  private func count(_ count: Int, _ one: String, _ many: String) -> String {
    "\(count.formattedCount) \(count == 1 ? one : many)"
  }
}
