internal import Foundation
import Harness

/// One run of one contender: make a store, let the processes increment, and count what is there afterwards.
struct CounterRun {
  let contender: any CounterContender.Type
  let workload: Workload
  /// How long a worker process may be silent beyond the time that the workload takes.
  let timeout: Duration

  func measure(in directory: StoreDirectory, round: Int) throws -> CounterSample {
    let store = try directory.makeStore("\(contender.name)-\(workload.name)-\(round + 1)")
    let sample = try naming { () throws in
      let server = try contender.startServer(in: store.path, durability: workload.durability)
      defer { server?.stop() }
      guard case .prepared = try runAlone(.prepare, in: store) else { throw Self.confusion }
      let (start, reports) = try increment(in: store)
      guard case .sum(let counted) = try runAlone(.sum, in: store) else { throw Self.confusion }
      return CounterSample(of: workload.extent, from: start, reports, counted: counted)
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

  /// Runs all processes and gives the instant of their start with the report of each.
  private func increment(in store: URL) throws -> (start: UInt64, reports: [CallReport]) {
    let (start, outcomes): (UInt64, [Outcome]) = try WorkerGroup.runTogether(
      (0..<workload.processes).map { assignment(.increment(process: $0), in: store) },
      arguments: Self.workerArguments,
      timeout: timeout + workload.extent.duration
    )
    let reports = try outcomes.map { outcome in
      guard case .incremented(let report) = outcome else { throw Self.confusion }
      return report
    }
    return (start, reports)
  }

  /// A fresh process for each job, so that nothing of a store is ever open here.
  private func runAlone(_ job: Assignment.Job, in store: URL) throws -> Outcome {
    try WorkerGroup.run(assignment(job, in: store), arguments: Self.workerArguments, timeout: timeout)
  }

  private func assignment(_ job: Assignment.Job, in store: URL) -> Assignment {
    Assignment(contender: contender.name, directory: store.path, workload: workload, job: job)
  }

  private static var workerArguments: [String] { ["worker"] }

  private static var confusion: BenchmarkError { BenchmarkError("A worker did another job than it was told to.") }

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
