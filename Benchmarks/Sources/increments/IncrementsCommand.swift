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

  @Option(
    help: "Comma-separated: \(allContenders.names.joined(separator: ",")). (default: those that can run here)"
  )
  var contenders: CommaSeparated<String>?

  @Flag(help: "Measure LMKV under the loads of its goals, one after another, and say which goals it meets.")
  var goals = false

  @OptionGroup var workload: WorkloadOptions
  @OptionGroup var options: RunOptions
  @OptionGroup var stores: StoreOptions

  @Option(help: "How many seconds a worker process may be silent, beyond --seconds, before the run fails.")
  var timeout = 120.0

  func validate() throws {
    if timeout <= 0 { throw ValidationError("--timeout is more than 0.") }
  }

  func run() async throws {
    let chosen = try contenders.map { try allContenders.required($0.elements) }
    let directory = try stores.makeDirectory(for: "increments")
    defer { directory.close() }
    let measurement = LoadMeasurement(directory: directory, options: options, timeout: Duration(seconds: timeout))
    if goals {
      try measureGoals(chosen ?? allContenders.available(), measurement)
    } else {
      let workload = workload.workload
      let contenders = chosen ?? allContenders.available().filter { $0.isWorthwhile(at: workload.durability) }
      try Report(workload, measurement.measure(workload, contenders)).print(options)
    }
  }

  /// Under each load only what its goals name.
  private func measureGoals(_ contenders: [any CounterContender.Type], _ measurement: LoadMeasurement) throws {
    var results: [GoalResult] = []
    var remaining = allGoals[...]
    while let load = remaining.first?.load {
      let goals = remaining.prefix { $0.load == load }
      remaining = remaining.dropFirst(goals.count)
      let names = Set(goals.compactMap(\.rival) + [LMKVCounters.name])
      let workload = load.workload(counters: workload.counters, extent: workload.extent)
      let rounds = try measurement.measure(workload, contenders.filter { names.contains($0.name) })
      try Report(workload, rounds).print(options)
      results += goals.map { GoalResult($0, rounds) }
    }
    try Report(results).print(options)
  }
}
