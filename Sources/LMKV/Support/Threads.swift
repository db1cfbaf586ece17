internal import LMDB
internal import LMDBPlatform

/// Threads of our own: they may block, and a write transaction stays on the one where it began.
enum Threads {
  /// Runs `body` on a thread of its own, and waits for it.
  static func runAndWait<R: Sendable>(_ body: @escaping @Sendable () throws -> R) throws -> R {
    let errand = Monitor<Errand<R>>(Errand(body: body))
    start {
      let outcome = run(errand)
      errand.signalAfter { $0.outcome = outcome }
    }
    return try errand.waitUntil({ $0.outcome != nil }) { errand in
      guard let outcome = errand.outcome else { throw CancellationError() }
      return try outcome.get()
    }
  }

  private struct Errand<R> {
    var body: (@Sendable () throws -> R)?
    var outcome: Result<R, any Error>?
  }

  /// Runs the body and lets go of it before the waiter goes on: it may hold an environment, which the waiter is then
  /// free to close.
  private static func run<R>(_ errand: Monitor<Errand<R>>) -> Result<R, any Error> {
    let body = errand.withLock { $0.body.take() }
    return Result {
      guard let body else { throw CancellationError() }
      return try body()
    }
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new thread.
  static func start(_ body: @escaping @Sendable () -> Void) {
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
