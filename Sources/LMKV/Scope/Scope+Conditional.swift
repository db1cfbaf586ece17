extension Scope {
  /// Writes a value if the key is absent. An entry that has expired is absent.
  ///
  /// ```swift
  /// if try locks.setIfAbsent("report", me, expires: .minutes(5)).isApplied { try writeReport() }
  /// ```
  ///
  /// - Returns: whether it was written, or else what is there.
  /// - Throws: as ``set(_:_:expires:)``. A key that is there is no error.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.setIfAbsent")
  @discardableResult
  public func setIfAbsent(_ key: String, _ value: Stored, expires: Expiry = .never) throws -> ConditionalResult<Stored>
  {
    try store.performVerb { try $0[self].setIfAbsent(key, value, expires: expires) }
  }

  /// Writes a value if the key is there.
  ///
  /// - Returns: whether it was written; if not, the key is absent.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.setIfPresent")
  @discardableResult
  public func setIfPresent(_ key: String, _ value: Stored, expires: Expiry = .never) throws -> ConditionalResult<Stored>
  {
    try store.performVerb { try $0[self].setIfPresent(key, value, expires: expires) }
  }

  /// Writes a value if the entry still has this revision: if nobody has written it since it was read.
  ///
  /// ```swift
  /// let entry = try documents.entry("d1")
  /// let result = try documents.set("d1", changed, ifRevision: entry?.revision)
  /// ```
  ///
  /// What a revision tells apart is said at ``ScopeView/set(_:_:ifRevision:expires:)``.
  ///
  /// - Parameter revision: nil if the key was absent and must be so still.
  /// - Returns: whether it was written, or else what is there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.set")
  public func set(
    _ key: String,
    _ value: Stored,
    ifRevision revision: UInt64?,
    expires: Expiry = .never
  ) throws -> ConditionalResult<Stored> {
    try store.performVerb { try $0[self].set(key, value, ifRevision: revision, expires: expires) }
  }

  /// Removes a key if the entry still has this revision. See ``set(_:_:ifRevision:expires:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.remove")
  public func remove(_ key: String, ifRevision revision: UInt64) throws -> ConditionalResult<Stored> {
    try store.performVerb { try $0[self].remove(key, ifRevision: revision) }
  }
}

extension Scope where Stored: Equatable {
  /// Writes a value if there is an equal one to `former`. To demand that the key is absent, use
  /// ``setIfAbsent(_:_:expires:)``. What is equal is said at ``ScopeView/set(_:_:ifValue:expires:)``.
  ///
  /// - Returns: whether it was written, or else what is there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.set")
  public func set(
    _ key: String,
    _ value: Stored,
    ifValue former: Stored,
    expires: Expiry = .never
  ) throws -> ConditionalResult<Stored> {
    try store.performVerb { try $0[self].set(key, value, ifValue: former, expires: expires) }
  }

  /// Removes a key if its value equals `former`: how a lock is given back by its owner only.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.remove")
  public func remove(_ key: String, ifValue former: Stored) throws -> ConditionalResult<Stored> {
    try store.performVerb { try $0[self].remove(key, ifValue: former) }
  }
}
