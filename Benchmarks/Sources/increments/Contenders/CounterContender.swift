/// One way to keep counters in a directory that many processes share, opened in one process.
protocol CounterContender: Sendable {
  static var name: String { get }

  /// Why it cannot run on this machine; nil when it can.
  static var obstacle: String? { get }

  /// Whether it tells something at this durability that no other contender does.
  static func isWorthwhile(at durability: Durability) -> Bool

  /// Starts what all processes of a run need, if there is such a thing.
  static func startServer(in directory: String, durability: Durability) throws -> (any CounterServer)?

  /// Opens the store in a directory that exists, and makes the counters, at 0, when they are not there.
  init(directory: String, counters: Int, durability: Durability) throws

  /// A caller for one thread, made on that thread.
  func makeCaller() throws -> any CounterCaller

  /// The sum of all counters.
  func sum() throws -> Int
}

/// Increments for one thread.
protocol CounterCaller {
  /// Adds one to a counter in a transaction of its own, and gives what it is then.
  func increment(_ counter: Int) throws -> Int
}

/// What runs beside the processes of a run.
protocol CounterServer {
  func stop()
}

/// A contender that Swift tasks can call without blocking a thread.
protocol SuspendingCounterContender: CounterContender {
  func increment(_ counter: Int) async throws -> Int
}

extension CounterContender {
  static var obstacle: String? { nil }

  static func isWorthwhile(at durability: Durability) -> Bool { true }

  static func startServer(in directory: String, durability: Durability) throws -> (any CounterServer)? { nil }

  /// The form in which this contender can serve when `wanted` is asked for.
  static func form(for wanted: CallForm) -> CallForm {
    self is any SuspendingCounterContender.Type ? wanted : .blocking
  }
}
