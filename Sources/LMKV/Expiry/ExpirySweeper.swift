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

  /// As long as the runtime can sleep without an overflow, and no service lives.
  private static let longestPause = Duration.seconds(1 << 31)

  /// Sweeps, waits, and begins again, until the task is cancelled; then it returns. Where others write for longer than
  /// ``Store/Configuration/writeTimeout`` a sweep is left to the next one.
  ///
  /// - Throws: as ``Store/sweepExpired(limit:)``, but for `timedOut`; ``LMKVError`` with `invalidArgument` for an interval of
  ///   zero or less.
  public func run() async throws {
    guard interval > .zero else {
      throw LMKVError(.invalidArgument, "A sweeper cannot run every \(interval). Give an interval above zero.")
    }
    do {
      while true {
        do {
          try await store.async.sweepExpired()
        } catch let error as LMKVError where error.code == .timedOut {
          // Nobody sees what has expired, so there is time.
        }
        try await Task.sleep(for: min(interval, Self.longestPause))
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
  /// - Parameter interval: the pause between two sweeps, above zero.
  public func sweeper(every interval: Duration = .seconds(60)) -> ExpirySweeper {
    ExpirySweeper(store: self, interval: interval)
  }
}
