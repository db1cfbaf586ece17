/// Removes expired entries in the background, for as long as its task runs.
///
/// ```swift
/// let sweeping = Task { try await store.sweeper(every: .seconds(60)).run() }
/// ```
///
/// For a program that is built of services of swift-service-lifecycle it is one:
///
/// ```swift
/// extension ExpirySweeper: @retroactive Service {}
/// ```
public struct ExpirySweeper: Sendable {
  let store: Store
  let interval: Duration

  /// Sweeps, waits, and begins again, until the task is cancelled; then it returns.
  ///
  /// - Throws: as ``Store/sweepExpired(limit:)``.
  public func run() async throws {
    do {
      while true {
        try await store.async.sweepExpired()
        try await Task.sleep(for: interval)
      }
    } catch is CancellationError {
      // How it ends: whoever cancelled the task knows.
    }
  }
}

extension Store {
  /// What removes expired entries again and again. Nothing happens before ``ExpirySweeper/run()`` is called.
  ///
  /// One in all processes is enough; several do no harm.
  ///
  /// - Parameter interval: the pause between two sweeps.
  public func sweeper(every interval: Duration = .seconds(60)) -> ExpirySweeper {
    ExpirySweeper(store: self, interval: interval)
  }
}
