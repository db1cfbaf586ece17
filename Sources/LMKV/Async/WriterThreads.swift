internal import LMDB
internal import LMDBPlatform
internal import Synchronization

/// The threads on which the tasks' transactions of all stores of this process run.
///
/// There are at most ``usual`` of them. A transaction may wait for long, for other processes or for whatever its body does: so
/// while something is waiting here and nothing gets on, one more is added every tenth of a second. Those that have had nothing
/// to do for some time end.
final class WriterThreads: Sendable {
  static let usual = 64

  private struct Work {
    let run: @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
  }

  private struct State {
    var waiting: [Work] = []
    var threads = 0
    var idle = 0
    /// How much work was begun ever.
    var begun = 0
  }

  private static let patience = Duration.seconds(1)
  fileprivate static let standstill = Duration.milliseconds(100)

  private let monitor = Monitor(State())
  private let watch = StandstillWatch()

  private static let current = Mutex<(forks: Int, threads: WriterThreads)>((0, WriterThreads()))

  /// Those of this process: a forked child has none of its parent's.
  static var shared: WriterThreads {
    current.withLock { current in
      if current.forks != ForkGuard.generation { current = (ForkGuard.generation, WriterThreads()) }
      return current.threads
    }
  }

  /// Runs `body` on one of the threads, or `fail` here, if there is none and the system gives none.
  func run(_ body: @escaping @Sendable () -> Void, orFail fail: @escaping @Sendable (any Error) -> Void) {
    let (isServed, needsThread) = monitor.signalAfter { state in
      state.waiting.append(Work(run: body, fail: fail))
      if state.waiting.count <= state.idle { return (true, false) }
      guard state.threads < Self.usual else { return (false, false) }
      state.threads += 1
      return (true, true)
    }
    if needsThread { addThread() }
    // Without this there is still the limit, and no progress beyond it.
    if !isServed { try? watch.schedule(for: self) }
  }

  /// Starts a thread, which was counted.
  private func addThread() {
    do {
      try Threads.start { [self] in
        while let work = next() { work.run() }
      }
    } catch {
      let failed = monitor.withLock { state in
        state.threads -= 1
        guard state.threads == 0 else { return [Work]() }
        defer { state.waiting = [] }
        return state.waiting
      }
      for work in failed { work.fail(error) }
    }
  }

  /// Waits for work. Nil when this thread is not needed any more.
  private func next() -> Work? {
    monitor.withLock { $0.idle += 1 }
    monitor.wait(until: .now + Self.patience) { !$0.waiting.isEmpty }
    return monitor.withLock { state in
      state.idle -= 1
      guard !state.waiting.isEmpty else {
        state.threads -= 1
        return nil
      }
      state.begun += 1
      return state.waiting.removeFirst()
    }
  }

  /// Adds a thread if nothing was begun since `begun`. Returns how much was begun by now; nil when nothing waits.
  fileprivate func addIfStandingStill(since begun: Int?) -> Int? {
    let (now, needsThread) = monitor.withLock { state -> (Int?, Bool) in
      guard !state.waiting.isEmpty else { return (nil, false) }
      guard state.begun == begun else { return (state.begun, false) }
      state.threads += 1
      return (state.begun, true)
    }
    if needsThread { addThread() }
    return now
  }
}

/// Looks whether the threads get on, as long as something waits for them.
private final class StandstillWatch: MaintenanceTask, @unchecked Sendable {
  private let seen = Mutex<(threads: WriterThreads?, begun: Int?)>((nil, nil))

  func schedule(for threads: WriterThreads) throws {
    seen.withLock { $0.threads = threads }
    try schedule(after: WriterThreads.standstill)
  }

  override func run() -> Duration? {
    let (threads, before) = seen.withLock { $0 }
    let begun = threads?.addIfStandingStill(since: before)
    seen.withLock { $0.begun = begun }
    return begun == nil ? nil : WriterThreads.standstill
  }
}
