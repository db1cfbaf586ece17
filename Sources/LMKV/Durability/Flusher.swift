internal import LMDB
internal import Synchronization

/// Brings relaxed commits to the disk, at most so long after them as they asked for.
///
/// One sync serves all commits before it, so a thread of its own sleeps until the earliest deadline.
final class Flusher: Sendable {
  private struct State {
    /// Nil once the store is closed.
    var environment: Environment?
    var deadline: ContinuousClock.Instant?
    var isRunning = false
    /// Why the latest flush failed.
    var failure: (any Error)?
  }

  private let monitor: Monitor<State>
  /// The interval of the flush that is due next. Nil: none is due.
  private let pending = Mutex<Duration?>(nil)

  init(_ environment: Environment) {
    monitor = Monitor(State(environment: environment))
  }

  /// Notes a commit that is to be on disk before `interval` is over.
  ///
  /// - Throws: what an earlier flush in the background failed with.
  func noteCommit(flushWithin interval: Duration) throws {
    // The flush that is already due comes no later: it was asked for earlier, with no longer an interval.
    guard interval < pending.withLock({ $0 }) ?? .seconds(1 << 32) else { return }
    let isFirst = try monitor.signalAfter { state in
      if let failure = state.failure { throw failure }
      guard state.environment != nil else { return false }
      pending.withLock { $0 = interval }
      state.deadline = .now + interval
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isFirst { Threads.start { [self] in serve() } }
  }

  /// Flushes what is left and ends the thread.
  func stop() throws {
    let environment = monitor.signalAfter { state in
      defer { state.environment = nil }
      return state.deadline == nil ? nil : state.environment
    }
    try environment?.sync()
  }

  private func serve() {
    while let (environment, deadline) = next() {
      if deadline > .now {
        monitor.wait(until: deadline) { $0.environment == nil || $0.deadline.map { $0 < deadline } ?? true }
        continue
      }
      // First, so that a commit that this sync may miss asks for another one.
      pending.withLock { $0 = nil }
      monitor.withLock { $0.deadline = nil }
      do {
        try environment.sync()
      } catch {
        monitor.withLock { $0.failure = error }
      }
    }
  }

  /// What to flush, and when. Waits for a commit; nil when the store is closed.
  private func next() -> (Environment, ContinuousClock.Instant)? {
    monitor.waitUntil({ $0.environment == nil || $0.deadline != nil }) { state in
      guard let environment = state.environment, let deadline = state.deadline else { return nil }
      return (environment, deadline)
    }
  }
}
