internal import ArgumentParser

extension Durability: ExpressibleByArgument {}

struct WorkloadOptions: ParsableArguments {
  @Option(help: "Worker processes.")
  var processes = 1

  @Option(help: "Blocking callers in each process, each on a thread of its own (default: 1).")
  var threads: Int?

  @Option(
    help: "Swift tasks in each process, calling the suspending form. A contender without one runs as many threads."
  )
  var tasks: Int?

  @Option(help: "Counters, of which each increment takes one by chance.")
  var counters = 1

  @Option(help: "How long a run takes.")
  var seconds = 2.0

  @Option(help: "A fixed number of increments for each thread or task, instead of --seconds.")
  var increments: Int?

  @Option(help: "full: on disk when an increment returns. relaxed: a power failure may lose the last ones.")
  var durability = Durability.full

  func validate() throws {
    if processes < 1 { throw ValidationError("--processes is at least 1.") }
    if threads != nil && tasks != nil { throw ValidationError("Give --threads or --tasks, not both.") }
    if callers < 1 { throw ValidationError("--threads and --tasks are at least 1.") }
    if counters < 1 { throw ValidationError("--counters is at least 1.") }
    if seconds <= 0 { throw ValidationError("--seconds is more than 0.") }
    if let increments, increments < 1 { throw ValidationError("--increments is at least 1.") }
  }

  var workload: Workload {
    Workload(
      processes: processes,
      callers: callers,
      callerKind: tasks == nil ? .thread : .task,
      counters: counters,
      extent: increments.map { .increments($0) } ?? .seconds(seconds),
      durability: durability
    )
  }

  private var callers: Int { tasks ?? threads ?? 1 }
}
