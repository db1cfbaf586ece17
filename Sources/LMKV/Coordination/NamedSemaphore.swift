/// A semaphore by name: a number of permits that owners in all processes share.
///
/// ```swift
/// let gpus = store.semaphore("gpu", permits: 2)
/// try gpus.withPermit(timeout: .seconds(30)) { try train() }
/// ```
///
/// Who waits gets a permit in the order of their coming; the permits of a process that dies are free within milliseconds. As
/// with ``NamedLock`` in everything else, but who has a permit may take another one. Who has all of them, in closures that
/// it is in, and waits for one more gets `deadlock`.
public struct NamedSemaphore: Sendable {
  /// The store that it is in.
  public let store: Store
  /// The name of the semaphore.
  public let name: String
  /// How many can have a permit at once. All who use it at the same time must say the same number.
  public let permits: Int

  var place: Place { .semaphore(name) }

  /// Runs `body` with a permit, and gives that back.
  ///
  /// - Parameter timeout: how long to wait at most. Nil: as long as it takes. Zero: not at all.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, unchanged; ``LMKVError`` as ``NamedLock/withLock(timeout:_:)``, and with
  ///   `invalidArgument` for less than one permit, or while others use it with another number of permits.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use semaphore.async.withPermit")
  public func withPermit<R>(timeout: Duration? = nil, _ body: () throws -> R) throws -> R {
    try store.run(store.begin(place, permits: permits, timeout: timeout), body)
  }

  /// Runs `body` with a permit if one is free and nobody waits for it. Nil otherwise.
  @available(
    *,
    noasync,
    message: "it would block a thread of the cooperative pool; use semaphore.async.withPermitIfAvailable"
  )
  public func withPermitIfAvailable<R>(_ body: () throws -> R) throws -> R? {
    guard let tenure = try store.tryBegin(place, permits: permits) else { return nil }
    return try store.run(tenure, body)
  }

  /// Takes a permit, for what does not fit into a closure.
  ///
  /// - Returns: what gives it back, explicitly or when the last reference to it goes.
  /// - Throws: as ``withPermit(timeout:_:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use semaphore.async.withPermit")
  public func acquire(timeout: Duration? = nil) throws -> HeldPermit {
    HeldPermit(hold: try store.take(place, permits: permits, timeout: timeout))
  }

  /// Takes a permit if one is free and nobody waits for it. Nil otherwise.
  @available(
    *,
    noasync,
    message: "it would block a thread of the cooperative pool; use semaphore.async.withPermitIfAvailable"
  )
  public func tryAcquire() throws -> HeldPermit? {
    try unlessTaken { try acquire(timeout: .zero) }
  }

  /// The methods of the semaphore for asynchronous code.
  public var async: AsyncNamedSemaphore { AsyncNamedSemaphore(semaphore: self) }
}

/// A permit that was taken. Any thread may give it back. As with ``HeldLock``.
public struct HeldPermit: Sendable {
  let hold: Hold

  /// Gives it back. Once more does nothing. See ``HeldLock/unlock()``.
  public func release() { hold.release() }
}

/// A ``NamedSemaphore`` for asynchronous code: waiting suspends the task.
public struct AsyncNamedSemaphore: Sendable {
  /// The semaphore itself.
  public let semaphore: NamedSemaphore

  /// Runs `body`, which may suspend, with a permit, and gives that back. See ``NamedSemaphore/withPermit(timeout:_:)``.
  ///
  /// - Throws: as there; `CancellationError` when the task is cancelled while it waits. It leaves the queue then.
  public func withPermit<R>(
    timeout: Duration? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R {
    let store = semaphore.store
    let tenure = try await store.begin(semaphore.place, permits: semaphore.permits, timeout: timeout)
    return try await store.run(tenure, body)
  }

  /// Runs `body` with a permit if one is free and nobody waits for it. Nil otherwise.
  public func withPermitIfAvailable<R>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R? {
    let store = semaphore.store
    guard let tenure = try await store.tryBegin(semaphore.place, permits: semaphore.permits) else { return nil }
    return try await store.run(tenure, body)
  }
}

extension Store {
  /// A semaphore by name. Costs nothing and cannot fail. What is wrong with the arguments is said at the first use.
  ///
  /// - Parameters:
  ///   - name: 1 to 511 bytes of UTF-8. Semaphores have names of their own, apart from scopes and locks.
  ///   - permits: how many can have a permit at once.
  public func semaphore(_ name: String, permits: Int) -> NamedSemaphore {
    NamedSemaphore(store: self, name: name, permits: permits)
  }
}
