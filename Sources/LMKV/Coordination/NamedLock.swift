/// A lock by name, which one owner at a time has among all processes that use the store.
///
/// ```swift
/// let lock = store.lock("nightly-import")
/// try lock.withLock(timeout: .seconds(5)) { try runImport() }
/// try await lock.async.withLock { try await runImport() }
/// ```
///
/// Who waits gets it in the order of their coming, and sleeps until then. A process that dies, in whatever way, has it no
/// longer: within milliseconds it is the next one's. A process that is stopped keeps it. Two `Store` values, two threads and two
/// tasks are different owners. The lock has nothing to do with transactions: nothing waits for it but those who ask for
/// it. A power failure, or a restart of the machine, frees all locks.
public struct NamedLock: Sendable {
  /// The store that it is in.
  public let store: Store
  /// The name of the lock.
  public let name: String
  /// Whether code that runs with the lock may take it again.
  public let isReentrant: Bool

  var place: Place { .lock(name) }

  /// Runs `body` with the lock, and gives it back.
  ///
  /// Needs no transaction and no disk. Taken by the same task or thread again it throws `deadlock`, unless it is
  /// re-entrant: then the same thread, and the tasks that were created in `body`, have it with `body`, until the last of them
  /// is done.
  ///
  /// - Parameter timeout: how long to wait at most. Nil: as long as it takes. Zero: not at all.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, unchanged; ``LMKVError`` with `timedOut`, whose message names who has it, `deadlock`,
  ///   `emptyKey`, `keyTooLong`, `nestedTransaction` inside a transaction of this thread, `coordinationUnavailable`,
  ///   `readOnly`, `forked`, `closed`. `body` has not run then.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use lock.async.withLock")
  public func withLock<R>(timeout: Duration? = nil, _ body: () throws -> R) throws -> R {
    try store.run(store.begin(place, timeout: timeout, isReentrant: isReentrant), body)
  }

  /// Runs `body` with the lock if nobody has it or waits for it. Nil otherwise.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use lock.async.withLockIfAvailable")
  public func withLockIfAvailable<R>(_ body: () throws -> R) throws -> R? {
    guard let tenure = try store.tryBegin(place, isReentrant: isReentrant) else { return nil }
    return try store.run(tenure, body)
  }

  /// Takes the lock, for what does not fit into a closure.
  ///
  /// Whether another thread will give it back nobody can tell: a thread that waits for a lock which it has taken itself
  /// gets `deadlock`.
  ///
  /// - Parameter timeout: how long to wait at most. Nil: as long as it takes.
  /// - Returns: what gives it back, explicitly or when the last reference to it goes.
  /// - Throws: as ``withLock(timeout:_:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use lock.async.withLock")
  public func lock(timeout: Duration? = nil) throws -> HeldLock {
    HeldLock(hold: try store.take(place, timeout: timeout))
  }

  /// Takes the lock if nobody has it or waits for it. Nil otherwise. Waits for no other owner, and for nobody who writes.
  ///
  /// ```swift
  /// if let held = try lock.tryLock() {
  ///   defer { held.unlock() }
  /// }
  /// ```
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use lock.async.withLockIfAvailable")
  public func tryLock() throws -> HeldLock? {
    try unlessTaken { HeldLock(hold: try store.take(place, timeout: .zero)) }
  }

  /// The methods of the lock for asynchronous code.
  public var async: AsyncNamedLock { AsyncNamedLock(lock: self) }
}

/// A lock that was taken. Any thread may give it back. It goes back, too, with the last reference to it, and when the
/// store is closed.
public struct HeldLock: Sendable {
  let hold: Hold

  /// Gives it back. Once more does nothing. Waits for nobody, and can be called anywhere.
  public func unlock() { hold.release() }
}

/// A ``NamedLock`` for asynchronous code: waiting suspends the task.
public struct AsyncNamedLock: Sendable {
  /// The lock itself.
  public let lock: NamedLock

  /// Runs `body`, which may suspend, with the lock, and gives it back. See ``NamedLock/withLock(timeout:_:)``.
  ///
  /// - Throws: as there; `CancellationError` when the task is cancelled while it waits. It leaves the queue then.
  public func withLock<R>(
    timeout: Duration? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R {
    let tenure = try await lock.store.begin(lock.place, timeout: timeout, isReentrant: lock.isReentrant)
    return try await lock.store.run(tenure, body)
  }

  /// Runs `body` with the lock if nobody has it or waits for it. Nil otherwise.
  public func withLockIfAvailable<R>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R? {
    guard let tenure = try await lock.store.tryBegin(lock.place, isReentrant: lock.isReentrant) else { return nil }
    return try await lock.store.run(tenure, body)
  }
}

extension Store {
  /// A lock by name. Costs nothing and cannot fail. What is wrong with the name is said at the first use.
  ///
  /// - Parameters:
  ///   - name: 1 to 511 bytes of UTF-8. Locks have names of their own, apart from scopes and semaphores.
  ///   - isReentrant: whether code that runs with the lock may take it again.
  public func lock(_ name: String, isReentrant: Bool = false) -> NamedLock {
    NamedLock(store: self, name: name, isReentrant: isReentrant)
  }
}
