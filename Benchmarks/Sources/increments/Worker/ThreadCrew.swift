internal import Dispatch
internal import Foundation
import Harness
internal import Synchronization

/// Threads of one process that call a contender, each in its blocking form.
final class ThreadCrew: Sendable {
  private let workload: Workload
  private let firstCaller: Int
  private let ready = DispatchGroup()
  private let done = DispatchGroup()
  private let gate = DispatchSemaphore(value: 0)
  private let start = Mutex<UInt64>(0)
  private let outcomes = Mutex<[Result<CallReport, any Error>]>([])

  /// Starts the threads and waits until each has its caller.
  init(_ contender: some CounterContender, _ workload: Workload, firstCaller: Int) throws {
    self.workload = workload
    self.firstCaller = firstCaller
    for number in 0..<workload.callers {
      ready.enter()
      done.enter()
      Thread.detachNewThread { [self] in
        let outcome = Result { try call(contender, number: number) }
        outcomes.withLock { $0.append(outcome) }
        done.leave()
      }
    }
    ready.wait()
  }

  /// Lets the threads begin at `start` and gives what all of them did.
  func run(from start: UInt64) throws -> CallReport {
    self.start.withLock { $0 = start }
    for _ in 0..<workload.callers { gate.signal() }
    done.wait()
    return try outcomes.withLock { outcomes in
      try outcomes.reduce(into: CallReport()) { report, outcome in report.merge(try outcome.get()) }
    }
  }

  private func call(_ contender: some CounterContender, number: Int) throws -> CallReport {
    let caller = try { () throws in
      defer { ready.leave() }
      return try contender.makeCaller()
    }()
    gate.wait()
    let start = start.withLock { $0 }
    Thread.sleep(untilMonotonic: start)
    var loop = CallLoop(workload, start: start, caller: firstCaller + number)
    while !loop.isDone {
      _ = try caller.increment(loop.nextCounter())
      loop.recordReturn()
    }
    return loop.report
  }
}

extension Thread {
  fileprivate static func sleep(untilMonotonic instant: UInt64) {
    let now = monotonicNanoseconds()
    if now < instant { sleep(forTimeInterval: Double(instant - now) / 1e9) }
  }
}
