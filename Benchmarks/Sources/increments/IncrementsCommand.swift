internal import ArgumentParser
import Harness

@main
struct IncrementsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "increments",
    abstract: "Measures concurrent locked increments of counters by real processes, and checks that none is lost.",
    usage: "increments [<options>]",
    discussion: """
      The contenders take turns, in a fresh store for each run. What is printed is the median over the rounds; a ratio \
      is taken within each round first.
      """,
    subcommands: [WorkerCommand.self]
  )

  @Option(help: "Comma-separated.")
  var contenders = CommaSeparated(allContenders.names)

  @OptionGroup var workload: WorkloadOptions
  @OptionGroup var options: RunOptions
  @OptionGroup var stores: StoreOptions

  @Option(help: "How many seconds a worker process may be silent, beyond --seconds, before the run fails.")
  var timeout = 120.0

  func validate() throws {
    if timeout <= 0 { throw ValidationError("--timeout is more than 0.") }
  }

  func run() async throws {
    let workload = workload.workload
    let contenders = try contenders.elements.map(allContenders.named)
    let directory = try stores.makeDirectory(for: "increments")
    defer { directory.close() }

    let progress = ProgressLine()
    let rounds = try Rounds(options.rounds, of: contenders) { contender, round in
      progress.show("round \(round + 1) of \(options.rounds): \(contender.name)")
      defer { progress.clear() }
      let run = CounterRun(contender: contender, workload: workload, timeout: Duration(seconds: timeout))
      return try run.measure(in: directory, round: round)
    }

    let report = IncrementsReport(workload: workload, rounds: rounds)
    if options.json {
      try report.printJSONLines()
    } else {
      report.printTable(rounds: options.rounds)
    }
  }
}
