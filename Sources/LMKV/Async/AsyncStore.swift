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
  /// It runs on a thread of the store's, outside of the task: task-local values are not there, and `Task.isCancelled` is false.
  /// Bind anew what it needs:
  ///
  /// ```swift
  /// let trace = Trace.id
  /// try await store.async.transaction { tx in
  ///   try Trace.$id.withValue(trace) { try tx["log"].set("last", .string(trace)) }
  /// }
  /// ```
  ///
  /// - Throws: as ``Store/transaction(durability:timeout:_:)``; `CancellationError` when the task is cancelled before the
  ///   body has begun, at once, whoever writes meanwhile. Once it has begun it is finished.
  public func transaction<R: Sendable>(
    durability: Durability? = nil,
    timeout: Duration? = nil,
    _ body: @escaping @Sendable (Transaction) throws -> R
  ) async throws -> R {
    try await store.perform(durability, .once, timeout: timeout, body)
  }

  /// Closes the store. See ``Store/close()``.
  public func close() async throws {
    try await close(timeout: .seconds(10))
  }

  /// Closes the store. See ``Store/close(timeout:)``.
  @discardableResult
  public func close(timeout: Duration) async throws -> Bool {
    let store = store
    return try await BlockingThreads.run { try store.close(timeout: timeout) }
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
    running.begin()
    defer { running.end() }
    let shared = try translatingErrors { try sharedForWriting() }
    let durability = durability ?? configuration.durability
    let queue = shared.queue
    if kind == .repeatable, let result = try performAtOnce(shared, durability, body) {
      // A task that never waits would keep its thread from all others.
      if queue.noteAtOnce() { await Task.yield() }
      return result
    }
    let timeout = timeout ?? configuration.writeTimeout
    // What may not wait is not queued: the thread that is to run it throws instead.
    if let timeout, timeout <= .zero {
      return try await BlockingThreads.run { try self.perform(durability, kind, timeout: .zero, body) }
    }
    let write = AsyncWrite(self, shared, durability, kind, timeout, delegable, body)
    return try await withTaskCancellationHandler {
      unsafe try await withUnsafeThrowingContinuation { unsafe write.enqueue(in: queue, $0) }
    } onCancel: {
      write.cancel(in: queue)
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
}
