extension AsyncScope {
  /// Writes a value if the key is absent. See ``Scope/setIfAbsent(_:_:expires:)``.
  @discardableResult
  public func setIfAbsent(
    _ key: String,
    _ value: Stored,
    expires: Expiry = .never
  ) async throws -> ConditionalResult<Stored> {
    try await verb { try $0.setIfAbsent(key, value, expires: expires) }
  }

  /// Writes a value if the key is there. See ``Scope/setIfPresent(_:_:expires:)``.
  @discardableResult
  public func setIfPresent(
    _ key: String,
    _ value: Stored,
    expires: Expiry = .never
  ) async throws -> ConditionalResult<Stored> {
    try await verb { try $0.setIfPresent(key, value, expires: expires) }
  }

  /// Writes a value if the entry still has this revision. See ``Scope/set(_:_:ifRevision:expires:)``.
  public func set(
    _ key: String,
    _ value: Stored,
    ifRevision revision: UInt64?,
    expires: Expiry = .never
  ) async throws -> ConditionalResult<Stored> {
    try await verb { try $0.set(key, value, ifRevision: revision, expires: expires) }
  }

  /// Removes a key if the entry still has this revision.
  public func remove(_ key: String, ifRevision revision: UInt64) async throws -> ConditionalResult<Stored> {
    try await verb { try $0.remove(key, ifRevision: revision) }
  }
}

extension AsyncScope where Stored: Equatable {
  /// Writes a value if there is an equal one to `former`. See ``Scope/set(_:_:ifValue:expires:)``.
  public func set(
    _ key: String,
    _ value: Stored,
    ifValue former: Stored,
    expires: Expiry = .never
  ) async throws -> ConditionalResult<Stored> {
    try await verb { try $0.set(key, value, ifValue: former, expires: expires) }
  }

  /// Removes a key if its value equals `former`.
  public func remove(_ key: String, ifValue former: Stored) async throws -> ConditionalResult<Stored> {
    try await verb { try $0.remove(key, ifValue: former) }
  }
}
