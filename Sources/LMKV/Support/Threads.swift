internal import LMDB
internal import LMDBPlatform
internal import Synchronization

/// Threads of our own: they may block, and a write transaction stays on the one where it began.
enum Threads {
  /// Runs `body` on a thread of its own, and waits for it. Nothing that `body` refers to is kept after that: an
  /// environment whose last reference lingered on the thread would close only some time after its store.
  static func runAndWait<R: Sendable>(_ body: @escaping @Sendable () throws -> R) throws -> R {
    let outcome = Monitor<Result<R, any Error>?>(nil)
    let pending = Mutex<(@Sendable () throws -> R)?>(body)
    try start {
      let result = Result<R, any Error> {
        guard let body = pending.withLock({ $0.take() }) else { throw CancellationError() }
        return try body()
      }
      outcome.signalAfter { $0 = result }
    }
    return try outcome.waitUntil({ $0 != nil }) { result in
      guard let result else { throw CancellationError() }
      return try result.get()
    }
  }

  /// Runs `body` on a new thread.
  ///
  /// - Throws: ``LMKVError`` with `systemLimit` when the system has no thread to give; `body` does not run then.
  static func start(_ body: @escaping @Sendable () -> Void) throws {
    let code = startDetachedThread(body)
    guard code == 0 else {
      throw LMKVError(
        .systemLimit,
        "The system has no thread to give (error \(code)). End some threads or processes, or raise the limit (ulimit -u)."
      )
    }
  }
}
