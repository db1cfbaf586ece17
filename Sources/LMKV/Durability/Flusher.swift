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
    /// Whether the thread uses the environment just now.
    var isFlushing = false
    /// Why a flush failed. From then on there are no relaxed commits.
    var failure: (any Error)?
  }

  private let monitor: Monitor<State>
  /// The interval of the flush that is due next. Nil: none is due.
  private let pending = Mutex<Duration?>(nil)
  /// Whether there is a failure, told without a lock.
  private let isFailing = Atomic(false)

  init(_ environment: Environment) {
    monitor = Monitor(State(environment: environment))
  }

  /// Throws what a flush in the background failed with: what cannot be flushed is not to be committed either.
  func checkHealth() throws {
    guard isFailing.load(ordering: .relaxed) else { return }
    if let failure = monitor.withLock({ $0.failure }) { throw failure }
  }

  /// Notes a commit that is to be on disk before `interval` is over.
  func noteCommit(flushWithin interval: Duration) {
    // The flush that is already due comes no later: it was asked for earlier, with no longer an interval.
    guard interval < pending.withLock({ $0 }) ?? .seconds(1 << 32) else { return }
    let isFirst = monitor.signalAfter { state in
      guard state.environment != nil else { return false }
      pending.withLock { $0 = interval }
      state.deadline = .now + interval
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isFirst else { return }
    do {
      try Threads.start { [self] in serve() }
    } catch {
      // No thread to be had: this once the committing one does it, and the next commit tries again.
      if let failure = flush() { fail(with: failure) }
      monitor.signalAfter { state in
        state.isFlushing = false
        state.isRunning = false
      }
    }
  }

  private func fail(with failure: any Error) {
    monitor.withLock { $0.failure = failure }
    isFailing.store(true, ordering: .relaxed)
  }

  /// Flushes what is left.
  func flushNow() throws {
    let environment = monitor.waitUntil({ !$0.isFlushing }) { state in
      state.deadline == nil && state.failure == nil ? nil : state.environment
    }
    try environment?.sync()
  }

  /// Flushes what is left and ends the thread. The environment is not in use any more afterwards.
  func stop() throws {
    let environment = monitor.waitUntil({ !$0.isFlushing }) { state in
      defer { state.environment = nil }
      return state.deadline == nil && state.failure == nil ? nil : state.environment
    }
    monitor.signalAfter { _ in }
    try environment?.sync()
  }

  private func serve() {
    while let deadline = nextDeadline() {
      if deadline > .now {
        monitor.wait(until: deadline) { $0.environment == nil || $0.deadline.map { $0 < deadline } ?? true }
      } else {
        if let failure = flush() { fail(with: failure) }
        monitor.signalAfter { $0.isFlushing = false }
      }
    }
  }

  /// Waits for a commit, and says when it is to be flushed. Nil when the store is closed.
  private func nextDeadline() -> ContinuousClock.Instant? {
    monitor.waitUntil({ $0.environment == nil || $0.deadline != nil }) { $0.environment == nil ? nil : $0.deadline }
  }

  /// Flushes. Holds the environment no longer than that, so that closing the store can close the files.
  private func flush() -> (any Error)? {
    let environment = monitor.withLock { state in
      // First, and both at once, so that a commit that this sync may miss asks for another one.
      pending.withLock { $0 = nil }
      state.deadline = nil
      state.isFlushing = state.environment != nil
      return state.environment
    }
    do {
      try environment?.sync()
      return nil
    } catch {
      return error
    }
  }
}
