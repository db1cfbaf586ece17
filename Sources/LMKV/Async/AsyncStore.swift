internal import Synchronization

/// A ``Store`` for asynchronous code: what waits for the lock and the disk suspends the task instead of blocking it.
///
/// ```swift
/// let runs = try await store.async.transaction { tx in
///   try tx.scope("counters", of: Int.self).increment("runs")
/// }
/// ```
public struct AsyncStore: Sendable {
  /// The store itself.
  public let store: Store

  /// Runs `body` in a transaction on a thread of the store's own, and commits what it did unless it throws.
  ///
  /// As ``Store/transaction(durability:_:)``. The body is synchronous: a transaction cannot be held over an `await`,
  /// because everybody else waits for it.
  ///
  /// - Throws: as ``Store/transaction(durability:_:)``; `CancellationError` when the task is cancelled before the body
  ///   has begun. Once it has begun it is finished.
  public func transaction<R: Sendable>(
    durability: Durability? = nil,
    _ body: @escaping @Sendable (Transaction) throws -> R
  ) async throws -> R {
    let store = store
    return try await store.writerThread.run { try store.perform(durability, body) }
  }

  /// Runs `body` on a snapshot, on a thread that may block: for long reads, and for data that is not in memory.
  ///
  /// Short reads need no thread: ``Store/read(_:)`` can be called from asynchronous code.
  public func read<R: Sendable>(_ body: @escaping @Sendable (Snapshot) throws -> R) async throws -> R {
    let store = store
    return try await BlockingThreads.run { try store.read(body) }
  }
}

extension Store {
  /// The methods of the store for asynchronous code.
  public var async: AsyncStore { AsyncStore(store: self) }
}

extension WriterThread {
  /// Runs `body` on the thread when its turn comes.
  func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try Task.checkCancellation()
    let slot = Mutex<Job?>(nil)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let job = Job { failure in
          continuation.resume(
            with: Result {
              if let failure { throw failure }
              return try body()
            }
          )
        }
        slot.withLock { $0 = job }
        // Cancelled before the job was in its slot: then the handler below has found nothing to cancel.
        if Task.isCancelled { job.giveUp(CancellationError()) } else { enqueue(job) }
      }
    } onCancel: {
      slot.withLock { $0 }?.giveUp(CancellationError())
    }
  }
}
