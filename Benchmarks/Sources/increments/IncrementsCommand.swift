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

  @OptionGroup var workload: WorkloadOptions
  @OptionGroup var run: RunOptions

  func run() async throws {
    let workload = workload.workload
    let contenders = try run.selectedContenders()
    let directory = try StoreDirectory(below: run.store, program: "increments", isKept: run.keep)
    defer { directory.close() }

    let progress = ProgressLine()
    let rounds = try Rounds(run.rounds, of: contenders) { contender, round in
      progress.show("round \(round + 1) of \(run.rounds): \(contender.name)")
      defer { progress.clear() }
      let run = CounterRun(contender: contender, workload: workload, timeout: Duration(seconds: run.timeout))
      return try run.measure(in: directory, round: round)
    }

    let report = IncrementsReport(workload: workload, rounds: rounds)
    if run.json {
      try report.printJSONLines()
    } else {
      report.printTable(rounds: run.rounds)
    }
  }
}

/// How the benchmark is run and told about, whatever the work.
struct RunOptions: ParsableArguments {
  @Option(help: "Comma-separated: \(allContenders.map { $0.name }.joined(separator: ", ")).")
  var contenders = allContenders.map { $0.name }.joined(separator: ",")

  @Option(help: "How often each contender runs.")
  var rounds = 3

  @Option(help: ArgumentHelp("Where to make the stores, which are then kept.", valueName: "path"))
  var store: String?

  @Flag(help: "Keep the stores.")
  var keep = false

  @Flag(help: "Print one JSON object a line for each contender instead of a table.")
  var json = false

  @Option(help: "How many seconds a worker process may be silent, beyond --seconds, before the run fails.")
  var timeout = 120.0

  func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds is at least 1.") }
    if timeout <= 0 { throw ValidationError("--timeout is more than 0.") }
  }

  func selectedContenders() throws -> [any CounterContender.Type] {
    let selected = try contenders.split(separator: ",").map { try contender(named: String($0)) }
    if selected.isEmpty { throw ValidationError("--contenders names none.") }
    return selected
  }
}
