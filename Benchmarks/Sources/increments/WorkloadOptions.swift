internal import ArgumentParser

extension Durability: ExpressibleByArgument {}
extension CallForm: ExpressibleByArgument {}

struct WorkloadOptions: ParsableArguments {
  @Option(help: "Worker processes.")
  var processes = 1

  @Option(help: "Concurrent callers in each process.")
  var tasks = 1

  @Option(
    help: """
      blocking: each caller is a thread. async: each is a Swift task that calls the suspending form; a contender \
      without one runs as many threads. (default: blocking for one task, async for more)
      """
  )
  var form: CallForm?

  @Option(help: "Counters, of which each increment takes one by chance.")
  var counters = 1

  @Option(help: "How long a run takes.")
  var seconds = 2.0

  @Option(help: "A fixed number of increments for each caller, instead of --seconds.")
  var increments: Int?

  @Option(help: "full: on disk when an increment returns. relaxed: a power failure may lose the last ones.")
  var durability = Durability.full

  func validate() throws {
    if processes < 1 { throw ValidationError("--processes is at least 1.") }
    if tasks < 1 { throw ValidationError("--tasks is at least 1.") }
    if counters < 1 { throw ValidationError("--counters is at least 1.") }
    if seconds <= 0 { throw ValidationError("--seconds is more than 0.") }
    if let increments, increments < 1 { throw ValidationError("--increments is at least 1.") }
  }

  var workload: Workload {
    Workload(
      processes: processes,
      callers: tasks,
      form: form ?? .usual(for: tasks),
      counters: counters,
      extent: extent,
      durability: durability
    )
  }

  var extent: Extent { increments.map { .increments($0) } ?? .seconds(seconds) }
}
