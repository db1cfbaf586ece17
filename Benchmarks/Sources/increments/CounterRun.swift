internal import Foundation
import Harness

/// One run of one contender: make a store, let the processes increment, and count what is there afterwards.
struct CounterRun {
  let contender: any CounterContender.Type
  let workload: Workload
  /// How long a worker process may be silent beyond the time that the workload takes.
  let timeout: Duration

  /// What a run measured.
  struct Sample {
    let operationsPerSecond: Double
    let waits: LatencyHistogram
    /// Of the processes, relative to the mean of all.
    let shares: ClosedRange<Double>
    let expected: Int
    let counted: Int
  }

  func measure(in directory: StoreDirectory, round: Int) throws -> Sample {
    let store = try directory.makeStore("\(contender.name)-\(workload.durability.rawValue)-\(round + 1)")
    let sample = try naming { () throws in
      _ = try runAlone(.prepare, in: store)
      let sample = try increment(in: store)
      return sample
    }
    guard sample.counted == sample.expected else {
      throw BenchmarkError(
        """
        \(contender.name) lost or made up increments: expected \(sample.expected), the number that were acknowledged, \
        but counted \(sample.counted).
        """
      )
    }
    try directory.discard(store)
    return sample
  }

  private func increment(in store: URL) throws -> Sample {
    let assignments = (0..<workload.processes).map { assignment(.increment(process: $0), in: store) }
    let (start, outcomes): (UInt64, [Outcome]) = try WorkerGroup.runTogether(
      assignments,
      arguments: Self.workerArguments,
      timeout: timeout + workload.extent.duration
    )
    let reports = try outcomes.map { outcome in
      guard case .incremented(let report) = outcome else { throw BenchmarkError("A worker did another job.") }
      return report
    }
    guard case .sum(let counted) = try runAlone(.sum, in: store) else {
      throw BenchmarkError("A worker did another job.")
    }
    let total = reports.reduce(into: CallReport()) { $0.merge($1) }
    let mean = Double(total.inTime) / Double(reports.count)
    let shares = reports.map { mean == 0 ? 0 : Double($0.inTime) / mean }.sorted()
    return Sample(
      operationsPerSecond: Double(total.inTime) / seconds(from: start, to: total.end),
      waits: total.waits,
      shares: shares[0]...shares[shares.count - 1],
      expected: total.acknowledged,
      counted: counted
    )
  }

  /// A timed run lasts as long as it was told to; what returned later is not in its rate.
  private func seconds(from start: UInt64, to end: UInt64) -> Double {
    if case .seconds(let seconds) = workload.extent { return seconds }
    return Double(end - start) / 1e9
  }

  /// A fresh process for each job, so that nothing of a store is ever open here.
  private func runAlone(_ job: Assignment.Job, in store: URL) throws -> Outcome {
    try WorkerGroup.run(assignment(job, in: store), arguments: Self.workerArguments, timeout: timeout)
  }

  private func assignment(_ job: Assignment.Job, in store: URL) -> Assignment {
    Assignment(contender: contender.name, directory: store.path, workload: workload, job: job)
  }

  private static var workerArguments: [String] { ["worker"] }

  private func naming<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw BenchmarkError("\(contender.name): \(error)")
    }
  }
}

extension Extent {
  fileprivate var duration: Duration {
    if case .seconds(let seconds) = self { return Duration(seconds: seconds) }
    return .zero
  }
}
