internal import Dispatch

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

  /// Runs `body` in a transaction on a thread that may block, and commits what it did unless it throws.
  ///
  /// As ``Store/transaction(durability:timeout:_:)``. The body is synchronous: a transaction cannot be held over an
  /// `await`, because everybody else waits for it.
  ///
  /// - Throws: as ``Store/transaction(durability:timeout:_:)``; `CancellationError` when the task is cancelled before the
  ///   body has begun. Once it has begun it is finished.
  public func transaction<R: Sendable>(
    durability: Durability? = nil,
    timeout: Duration? = nil,
    _ body: @escaping @Sendable (Transaction) throws -> R
  ) async throws -> R {
    try await store.perform(durability, .once, timeout: timeout, body)
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

extension Store {
  /// The one place where transactions of tasks begin and end.
  func perform<R: Sendable>(
    _ durability: Durability?,
    _ kind: BodyKind,
    timeout: Duration? = nil,
    delegable: Delegable<R>? = nil,
    _ body: @escaping @Sendable (Transaction) throws -> R
  ) async throws -> R {
    try Task.checkCancellation()
    let shared = try translatingErrors { try sharedForWriting() }
    let durability = durability ?? configuration.durability
    let queue = shared.queue
    if kind == .repeatable, let result = try performAtOnce(shared, durability, body) {
      // A task that never waits would keep its thread from all others.
      if queue.noteAtOnce() { await Task.yield() }
      return result
    }
    if let timeout, timeout <= .zero, queue.isBusy { throw timedOut(after: timeout) }
    let limit = timeout.flatMap { $0 > .zero ? $0 : nil }
    let deadline = limit.map { ContinuousClock.now + $0 }
    let write = AsyncWrite(self, shared, durability, kind, deadline, delegable, body)
    if let limit { giveUp(write, after: limit) }
    return try await withTaskCancellationHandler {
      unsafe try await withUnsafeThrowingContinuation { unsafe write.enqueue(in: queue, $0) }
    } onCancel: {
      write.cancel(CancellationError())
    }
  }

  /// Runs a verb on the task's own thread, where there is nothing that it would have to wait for: that takes less time than
  /// to suspend the task. Nil where there is, and where many tasks write: then a common transaction is cheaper.
  private func performAtOnce<R>(
    _ shared: SharedStore,
    _ durability: Durability,
    _ body: (Transaction) throws -> R
  ) throws -> R? {
    guard durability != .full, shared.queue.isForFew, shared.queue.lead() else { return nil }
    return try translatingErrors {
      do {
        guard try shared.commitPath.takeTurnAtOnce() else {
          shared.queue.giveUpLead()
          return nil
        }
      } catch {
        shared.commitPath.endFailed()
        shared.queue.giveUpLead()
        throw error
      }
      return try performLeading(shared, durability, nil, mayBlock: false, body)
    }
  }

  private func giveUp(_ write: AsyncWrite<some Sendable>, after limit: Duration) {
    let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak write, weak self] in
      guard let write, let self else { return }
      write.cancel(timedOut(after: limit))
    }
  }
}
