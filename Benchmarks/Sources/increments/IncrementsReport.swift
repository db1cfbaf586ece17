import Harness

/// The outcome of one contender over all rounds.
struct IncrementsResult: Encodable {
  let contender: String
  let durability: String
  let processes: Int
  /// Concurrent callers in each process.
  let tasks: Int
  let form: String
  let operationsPerSecond: Double
  let minOperationsPerSecond: Double
  let maxOperationsPerSecond: Double
  /// By the contender that it is relative to, of those that ran.
  let ratios: [String: Double]
  let expected: Int
  let counted: Int
  let p50: Double
  let p99: Double
  let p999: Double
  let max: Double
  let minShare: Double
  let maxShare: Double
}

extension IncrementsResult {
  init(of index: Int, in rounds: Rounds<any CounterContender.Type, CounterSample>, _ workload: Workload) {
    func wait(_ percentile: Double) -> Double {
      rounds.median(of: index) { $0.waits.microseconds(atPercentile: percentile) }
    }
    let contender = rounds.contenders[index]
    let rates = rounds[index].map(\.operationsPerSecond)
    let bases = rounds.contenders.indices.filter { baseNames.contains(rounds.contenders[$0].name) }
    self.init(
      contender: contender.name,
      durability: workload.durability.rawValue,
      processes: workload.processes,
      tasks: workload.callers,
      form: contender.form(for: workload.form).rawValue,
      operationsPerSecond: median(rates),
      minOperationsPerSecond: rates.min() ?? 0,
      maxOperationsPerSecond: rates.max() ?? 0,
      ratios: bases.reduce(into: [:]) { ratios, base in
        ratios[rounds.contenders[base].name] = rounds.medianRatio(of: index, to: base, \.operationsPerSecond)
      },
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

  fileprivate var rates: String {
    func rate(_ value: Double) -> String { value.rounded().formattedFigure }
    return "\(rate(operationsPerSecond)) (\(rate(minOperationsPerSecond))..\(rate(maxOperationsPerSecond)))"
  }
}

extension Report<IncrementsResult> {
  init(_ workload: Workload, _ rounds: Rounds<any CounterContender.Type, CounterSample>) {
    let results = rounds.contenders.indices.map { IncrementsResult(of: $0, in: rounds, workload) }
    let bases = baseNames.filter { base in results.contains { $0.contender == base } }
    let blocking = results.filter { $0.form != workload.form.rawValue }.map(\.contender)
    self.init(
      workload.summary,
      results,
      [
        .init("contender") { $0.contender },
        .init("ops/s (min..max)") { $0.rates },
      ]
        + bases.map { base in
          .init("x \(base)") { $0.ratios[base]?.formattedRatio ?? "-" }
        }
        + [
          .init("p50 us") { $0.p50.formattedFigure },
          .init("p99 us") { $0.p99.formattedFigure },
          .init("p99.9 us") { $0.p999.formattedFigure },
          .init("max us") { $0.max.formattedFigure },
          .init("min share") { $0.minShare.formattedFigure },
          .init("max share") { $0.maxShare.formattedFigure },
          .init("expected") { $0.expected.formattedCount },
          .init("counted") { $0.counted.formattedCount },
        ],
      remarks: blocking.isEmpty
        ? [] : ["No suspending form, so threads instead of tasks: \(blocking.joined(separator: ", "))."]
    )
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
      \(count(callers, "task", "tasks")) (\(form.rawValue)), \(count(counters, "counter", "counters")), \(extent)
      """
  }

  private func count(_ count: Int, _ one: String, _ many: String) -> String {
    "\(count.formattedCount) \(count == 1 ? one : many)"
  }
}
