extension Scope where Stored: Comparable {
  /// Writes a value if it is larger than the one under the key, or the key is absent. A former expiry stays.
  ///
  /// ```swift
  /// let record = try highScores.raise("ada", to: score)
  /// ```
  ///
  /// - Returns: the value as it is now: the larger of the two.
  /// - Throws: ``LMKVError`` with `invalidArgument` for a NaN, `typeMismatch` when another type is stored.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.raise")
  @discardableResult
  public func raise(_ key: String, to value: Stored, expires: Expiry = .kept) throws -> Stored {
    try store.performVerb { try $0[self].raise(key, to: value, expires: expires) }
  }

  /// Writes a value if it is smaller than the one under the key, or the key is absent. A former expiry stays.
  ///
  /// - Returns: the value as it is now: the smaller of the two.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.lower")
  @discardableResult
  public func lower(_ key: String, to value: Stored, expires: Expiry = .kept) throws -> Stored {
    try store.performVerb { try $0[self].lower(key, to: value, expires: expires) }
  }
}

extension Scope where Stored == Value {
  /// Writes a value if it is larger than the one under the key, or the key is absent. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.raise")
  @discardableResult
  public func raise<T: Comparable & Codable>(_ key: String, to value: T, expires: Expiry = .kept) throws -> T {
    try store.performVerb { try $0[self].raise(key, to: value, expires: expires) }
  }

  /// Writes a value if it is smaller than the one under the key, or the key is absent. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.lower")
  @discardableResult
  public func lower<T: Comparable & Codable>(_ key: String, to value: T, expires: Expiry = .kept) throws -> T {
    try store.performVerb { try $0[self].lower(key, to: value, expires: expires) }
  }

  /// Appends to the array under a key, which counts as empty when absent. A former expiry stays.
  ///
  /// - Returns: how many elements there are now.
  /// - Throws: ``LMKVError`` with `typeMismatch` when the value is no array; nothing is changed then.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.append")
  @discardableResult
  public func append(_ key: String, _ element: Value, expires: Expiry = .kept) throws -> Int {
    try store.performVerb { try $0[self].append(key, element, expires: expires) }
  }

  /// Appends several elements to the array under a key. As `append(_:_:expires:)` does.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.append")
  @discardableResult
  public func append(_ key: String, contentsOf elements: some Sequence<Value>, expires: Expiry = .kept) throws -> Int {
    try store.perform(nil) { try $0[self].append(key, contentsOf: elements, expires: expires) }
  }
}

extension Scope {
  /// Appends to the array under a key, which counts as empty when absent. A former expiry stays.
  ///
  /// - Returns: how many elements there are now.
  /// - Throws: ``LMKVError`` with `typeMismatch` when the value is no such array; nothing is changed then.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.append")
  @discardableResult
  public func append<Element>(_ key: String, _ element: Element, expires: Expiry = .kept) throws -> Int
  where Stored == [Element] {
    try store.performVerb { try $0[self].append(key, element, expires: expires) }
  }

  /// Appends several elements to the array under a key. As `append(_:_:expires:)` does.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.append")
  @discardableResult
  public func append<Element>(
    _ key: String,
    contentsOf elements: some Sequence<Element>,
    expires: Expiry = .kept
  ) throws -> Int
  where Stored == [Element] {
    try store.perform(nil) { try $0[self].append(key, contentsOf: elements, expires: expires) }
  }
}
