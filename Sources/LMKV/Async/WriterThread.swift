internal import LMDB
internal import Synchronization

/// The thread that runs the transactions of asynchronous callers, one after the other, first come first served.
///
/// A write transaction is bound to its thread and may wait long for the lock and the disk, so it must not run on a
/// thread of the cooperative pool. The thread starts with the first job and ends when the store closes.
final class WriterThread: Sendable {
  /// One caller's work. It is run or cancelled, whichever comes first, and never both.
  final class Job: Sendable {
    private let work: Mutex<(@Sendable ((any Error)?) -> Void)?>

    /// `work` is called once: with nil to run, with an error to give up.
    init(_ work: @escaping @Sendable ((any Error)?) -> Void) {
      self.work = Mutex(work)
    }

    func run() {
      work.withLock { $0.take() }?(nil)
    }

    func giveUp(_ error: any Error) {
      work.withLock { $0.take() }?(error)
    }
  }

  private struct State {
    var queue: [Job] = []
    var isRunning = false
    var isStopped = false
  }

  private let monitor = Monitor(State())

  func enqueue(_ job: Job) {
    let (isStopped, isFirst) = monitor.signalAfter { state in
      guard !state.isStopped else { return (true, false) }
      state.queue.append(job)
      defer { state.isRunning = true }
      return (false, !state.isRunning)
    }
    // The store is closed: the job finds that out and says so to whoever waits for it.
    if isStopped { job.run() }
    guard isFirst else { return }
    do {
      try Threads.start { [self] in serve() }
    } catch {
      let jobs = monitor.withLock { state in
        defer {
          state.queue = []
          state.isRunning = false
        }
        return state.queue
      }
      for job in jobs { job.giveUp(error) }
    }
  }

  /// Ends the thread when the queue is empty.
  func stop() {
    monitor.signalAfter { $0.isStopped = true }
  }

  private func serve() {
    while true {
      let jobs = monitor.waitUntil({ !$0.queue.isEmpty || $0.isStopped }) { state in
        defer { state.queue = [] }
        return state.queue
      }
      if jobs.isEmpty { return }
      for job in jobs { job.run() }
    }
  }
}
