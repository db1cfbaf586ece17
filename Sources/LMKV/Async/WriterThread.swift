internal import LMDBPlatform
internal import Synchronization

/// The thread that runs the transactions of asynchronous callers, one after the other, first come first served.
///
/// A write transaction is bound to its thread and may wait long for the lock and the disk, so it must not run on a
/// thread of the cooperative pool. The thread starts with the first job and ends when the store closes.
final class WriterThread: Sendable {
  /// One caller's work. It is run or cancelled, whichever comes first, and never both.
  final class Job: Sendable {
    private let work: Mutex<(@Sendable (Bool) -> Void)?>

    /// `work` is called once: with true to run, with false to give up.
    init(_ work: @escaping @Sendable (Bool) -> Void) {
      self.work = Mutex(work)
    }

    func finish(running: Bool) {
      work.withLock { $0.take() }?(running)
    }
  }

  private struct State {
    var queue: [Job] = []
    var isRunning = false
    var isStopped = false
  }

  private let monitor = Monitor(State())

  func enqueue(_ job: Job) {
    let isFirst = monitor.signalAfter { state in
      guard !state.isStopped else { return false }
      state.queue.append(job)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isFirst { Self.start { [self] in serve() } }
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
      for job in jobs { job.finish(running: true) }
    }
  }

  // MARK: Threads

  /// Runs `body` on a thread of its own, and waits for it.
  static func runOnce<R: Sendable>(_ body: @escaping @Sendable () throws -> R) throws -> R {
    let outcome = Monitor<Result<R, any Error>?>(nil)
    start {
      let result = Result { try body() }
      outcome.signalAfter { $0 = result }
    }
    return try outcome.waitUntil({ $0 != nil }) { result in
      guard let result else { throw CancellationError() }
      return try result.get()
    }
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func start(_ body: @escaping @Sendable () -> Void) {
    // The thread takes over the reference that is passed to it.
    let argument = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let code = unsafe pthread_create(
      &thread,
      nil,
      { argument in
        #if canImport(Darwin)
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        #else
          if let argument = unsafe argument { unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        #endif
        return nil
      },
      argument
    )
    guard code == 0 else {
      // No thread to be had: the caller's thread must do, rather than nobody.
      unsafe Unmanaged<Body>.fromOpaque(argument).release()
      body()
      return
    }
    #if canImport(Darwin)
      if let thread = unsafe thread { unsafe pthread_detach(thread) }
    #else
      pthread_detach(thread)
    #endif
  }
}
