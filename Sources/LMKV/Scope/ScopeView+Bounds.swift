extension ScopeView where Access == Transaction, Stored: Comparable {
  /// Writes a value if it is larger than the one under the key, or the key is absent. A former expiry stays.
  ///
  /// ```swift
  /// let record = try highScores.raise("ada", to: score)
  /// ```
  ///
  /// - Returns: the value as it is now: the larger of the two.
  /// - Throws: ``LMKVError`` with `invalidArgument` for a NaN, `typeMismatch` when another type is stored.
  @discardableResult
  public func raise(_ key: String, to value: Stored, expires: Expiry = .kept) throws -> Stored {
    try setBound(key, value, expires) { $0 < value }
  }

  /// Writes a value if it is smaller than the one under the key, or the key is absent. A former expiry stays.
  ///
  /// - Returns: the value as it is now: the smaller of the two.
  /// - Throws: as `raise(_:to:expires:)`.
  @discardableResult
  public func lower(_ key: String, to value: Stored, expires: Expiry = .kept) throws -> Stored {
    try setBound(key, value, expires) { value < $0 }
  }
}

extension ScopeView where Access == Transaction, Stored == Value {
  /// Writes a value if it is larger than the one under the key, or the key is absent. A former expiry stays.
  ///
  /// - Returns: the value as it is now: the larger of the two.
  /// - Throws: ``LMKVError`` with `invalidArgument` for a NaN, `typeMismatch` when another type is stored.
  @discardableResult
  public func raise<T: Comparable & Codable>(_ key: String, to value: T, expires: Expiry = .kept) throws -> T {
    try setBound(key, value, expires) { $0 < value }
  }

  /// Writes a value if it is smaller than the one under the key, or the key is absent. A former expiry stays.
  @discardableResult
  public func lower<T: Comparable & Codable>(_ key: String, to value: T, expires: Expiry = .kept) throws -> T {
    try setBound(key, value, expires) { value < $0 }
  }
}

extension ScopeView where Access == Transaction {
  private func setBound<T: Comparable & Codable>(
    _ key: String,
    _ value: T,
    _ expires: Expiry,
    _ isBeyond: (T) -> Bool
  ) throws -> T {
    // Only a NaN differs from itself, and nothing is larger or smaller than it.
    guard value == value else {
      throw LMKVError(.invalidArgument, "A NaN for \"\(key)\" in the scope \"\(name)\" is neither larger nor smaller.")
    }
    let expiry = try access.resolve(expires)
    let former = try found(key, as: T.self)
    if let former, !isBeyond(former.value) { return former.value }
    try put(key, value, expires: expiry, over: former?.header)
    return value
  }
}
