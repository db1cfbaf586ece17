extension Store {
  /// The value of that name; if there is none, what `compute` returns, which is stored.
  ///
  /// ```swift
  /// let key = try store.once("signing-key") { makeKey() }
  /// ```
  ///
  /// Of many callers in all processes one computes the value, outside of any transaction; the others wait, and get it. If
  /// `compute` throws, nothing is stored, and the next in the queue computes; so it is when the process that
  /// computes dies. A value that is there is read without waiting for anybody. Values have names of their own, apart from
  /// scopes.
  ///
  /// - Parameters:
  ///   - name: 1 to 511 bytes of UTF-8.
  ///   - expires: when the value is gone, for one that is stored now, counted from when it was computed.
  ///   - timeout: how long to wait for who computes it. Nil: as long as it takes.
  /// - Throws: what `compute` throws, unchanged; ``LMKVError`` with `timedOut`, whose message names who computes,
  ///   `typeMismatch` when the value is of another type, `deadlock` inside its own computation, and as
  ///   ``NamedLock/withLock(timeout:_:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.once")
  public func once<Stored: Codable & Sendable>(
    _ name: String,
    of type: Stored.Type = Stored.self,
    expires: Expiry = .never,
    timeout: Duration? = nil,
    _ compute: () throws -> Stored
  ) throws -> Stored {
    try Computing(self, once: name, expires).value(timeout: timeout, compute)
  }

  /// Removes the value that ``once(_:of:expires:timeout:_:)`` has stored, so that it is computed again. Returns whether it was
  /// there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.forgetOnce")
  @discardableResult
  public func forgetOnce(_ name: String) throws -> Bool {
    try performVerb { try TransactionScope<Value>(access: $0, binding: coordination.values).remove(name) }
  }

  /// Runs `body` unless that was done, by any process, within the interval before. Nil if it was.
  ///
  /// ```swift
  /// try store.throttle("report-failure", every: .seconds(60)) { try sendMail() }
  /// ```
  ///
  /// The interval begins before `body` runs and is not ended by an error of it. It is measured on
  /// ``Configuration/clock``, as expiry is, to the millisecond.
  ///
  /// - Parameter interval: from this run until the next can be. A later caller that gives a shorter one waits for this one's.
  /// - Throws: what `body` throws, unchanged; ``LMKVError`` with `invalidArgument` for an interval of zero or less,
  ///   `emptyKey`, `keyTooLong`, `nestedTransaction`, `readOnly`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.throttle")
  @discardableResult
  public func throttle<R>(_ name: String, every interval: Duration, _ body: () throws -> R) throws -> R? {
    try throttle(name, every: interval) ? try body() : nil
  }

  /// Whether it is time again: true at most once in an interval, among all processes.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.throttle")
  public func throttle(_ name: String, every interval: Duration) throws -> Bool {
    try performVerb { try passes(name, interval, $0) }
  }

  fileprivate func passes(_ name: String, _ interval: Duration, _ transaction: Transaction) throws -> Bool {
    let view = TransactionScope<Int64>(access: transaction, binding: coordination.throttles)
    switch try view.setIfAbsent(name, transaction.now, expires: .after(interval)) {
    case .applied: return true
    case .refused: return false
    }
  }
}

extension AsyncStore {
  /// The value of that name; if there is none, what `compute` returns, which is stored. See
  /// ``Store/once(_:of:expires:timeout:_:)``.
  ///
  /// - Throws: as there; `CancellationError` when the task is cancelled while it waits.
  public func once<Stored: Codable & Sendable>(
    _ name: String,
    of type: Stored.Type = Stored.self,
    expires: Expiry = .never,
    timeout: Duration? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ compute: () async throws -> Stored
  ) async throws -> Stored {
    try await Computing(store, once: name, expires).value(timeout: timeout, isolation: isolation, compute)
  }

  /// Removes the value that `once` has stored. Returns whether it was there.
  @discardableResult
  public func forgetOnce(_ name: String) async throws -> Bool {
    let store = store
    return try await store.perform(nil, .repeatable) {
      try TransactionScope<Value>(access: $0, binding: store.coordination.values).remove(name)
    }
  }

  /// Runs `body` unless that was done within the interval before. Nil if it was. See ``Store/throttle(_:every:_:)``.
  @discardableResult
  public func throttle<R>(
    _ name: String,
    every interval: Duration,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R? {
    try await throttle(name, every: interval) ? try await body() : nil
  }

  /// Whether it is time again. See ``Store/throttle(_:every:)``.
  public func throttle(_ name: String, every interval: Duration) async throws -> Bool {
    let store = store
    return try await store.perform(nil, .repeatable) { try store.passes(name, interval, $0) }
  }
}
