/// One way to keep counters in a directory that many processes share, opened in one process.
protocol CounterContender: Sendable {
  static var name: String { get }

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

/// A contender that Swift tasks can call without blocking a thread.
protocol SuspendingCounterContender: CounterContender {
  func increment(_ counter: Int) async throws -> Int
}

extension CounterContender {
  /// The kind of caller that this contender can serve when `wanted` is asked for.
  static func callerKind(for wanted: CallerKind) -> CallerKind {
    self is any SuspendingCounterContender.Type ? wanted : .thread
  }
}
