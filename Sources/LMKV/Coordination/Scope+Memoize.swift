extension Scope {
  /// The value under a key; when the key is absent, what `compute` returns, which is stored.
  ///
  /// ```swift
  /// let page = try pages.memoize("/start", expires: .seconds(60)) { try render("/start") }
  /// ```
  ///
  /// Of many callers in all processes that miss the key at once, one computes the value, outside of any transaction, so that
  /// other writers do not wait; the others wait for it alone, and get it. If `compute` throws or its process dies, the next
  /// computes. Compare ``getOrSet(_:expires:_:)``, which is for values that take no time.
  ///
  /// A value that is written under the key meanwhile, by other methods, is overwritten by the one that was computed.
  ///
  /// - Parameters:
  ///   - expires: for a value that is stored now, counted from when it was computed.
  ///   - timeout: how long to wait for who computes it. Nil: as long as it takes.
  /// - Throws: what `compute` throws, unchanged; ``LMKVError`` as ``Store/once(_:of:expires:timeout:_:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.memoize")
  public func memoize(
    _ key: String,
    expires: Expiry = .never,
    timeout: Duration? = nil,
    _ compute: () throws -> Stored
  ) throws -> Stored {
    try Computing(self, key, expires).value(timeout: timeout, compute)
  }
}

extension AsyncScope {
  /// The value under a key; when the key is absent, what `compute` returns, which is stored. See
  /// ``Scope/memoize(_:expires:timeout:_:)``.
  ///
  /// - Throws: as there; `CancellationError` when the task is cancelled while it waits.
  public func memoize(
    _ key: String,
    expires: Expiry = .never,
    timeout: Duration? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ compute: () async throws -> Stored
  ) async throws -> Stored {
    try await Computing(scope, key, expires).value(timeout: timeout, isolation: isolation, compute)
  }
}
