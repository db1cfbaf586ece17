import Harness

/// Swift tasks of one process that call a contender in its suspending form.
func runTasks(
  _ contender: some SuspendingCounterContender,
  _ workload: Workload,
  firstCaller: Int,
  start: UInt64
) async throws -> CallReport {
  try await withThrowingTaskGroup(of: CallReport.self) { group in
    for number in 0..<workload.callers {
      group.addTask {
        let now = monotonicNanoseconds()
        if now < start { try await Task.sleep(nanoseconds: start - now) }
        var loop = CallLoop(workload, start: start, caller: firstCaller + number)
        while !loop.isDone {
          _ = try await contender.increment(loop.nextCounter())
          loop.recordReturn()
        }
        return loop.report
      }
    }
    return try await group.reduce(into: CallReport()) { $0.merge($1) }
  }
}
