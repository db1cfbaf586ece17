internal import ArgumentParser
import Harness

/// What this executable starts itself with: one process of a run, told by its parent what to do.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  func run() async throws {
    try await WorkerChannel<Outcome>.serve { (assignment: Assignment, channel) in
      let type = try allContenders.named(assignment.contender)
      return try await work(as: type, on: assignment, through: &channel)
    }
  }

  private func work<Contender: CounterContender>(
    as type: Contender.Type,
    on assignment: Assignment,
    through channel: inout WorkerChannel<Outcome>
  ) async throws -> Outcome {
    let workload = assignment.workload
    let contender = try Contender(
      directory: assignment.directory,
      counters: workload.counters,
      durability: workload.durability
    )
    switch assignment.job {
    case .prepare:
      return .prepared
    case .sum:
      return .sum(try contender.sum())
    case .increment(let process):
      let firstCaller = process * workload.callers
      if workload.form == .async, let contender = contender as? any SuspendingCounterContender {
        let start = try channel.awaitStart()
        return .incremented(try await runTasks(contender, workload, firstCaller: firstCaller, start: start))
      }
      let crew = try ThreadCrew(contender, workload, firstCaller: firstCaller)
      return .incremented(try crew.run(from: try channel.awaitStart()))
    }
  }
}
