extension Scope {
  /// Writes a value and returns the former one. Nil when the key was absent.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.exchange")
  public func exchange(_ key: String, _ value: Stored, expires: Expiry = .never) throws -> Stored? {
    try store.performVerb { try $0[self].exchange(key, value, expires: expires) }
  }

  /// Removes a key and returns its value. Nil when the key was absent.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.take")
  public func take(_ key: String) throws -> Stored? {
    try store.performVerb { try $0[self].take(key) }
  }

  /// The value under a key; when the key is absent, what `make` returns, which is stored.
  ///
  /// ```swift
  /// let token = try tokens.getOrSet("api", expires: .hours(1)) { try fetchToken() }
  /// ```
  ///
  /// Of many callers in all processes one makes the value, and the others get it. A value that is there is read without
  /// waiting for anybody.
  ///
  /// - Parameters:
  ///   - expires: for a value that is stored now.
  ///   - make: is called only when the key is absent, once, inside the transaction: all other writers wait for it.
  /// - Throws: what `make` throws, unchanged.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.getOrSet")
  public func getOrSet(_ key: String, expires: Expiry = .never, _ make: () throws -> Stored) throws -> Stored {
    if let value = try get(key) { return value }
    return try store.perform(nil) { try $0[self].getOrSet(key, expires: expires, make) }
  }

  /// Changes the value under a key in place, and returns it as it is now. A former expiry stays.
  ///
  /// ```swift
  /// try carts.update("ada", default: Cart()) { $0.items.append(item) }
  /// ```
  ///
  /// - Parameters:
  ///   - defaultValue: what is changed and stored when the key is absent.
  ///   - change: is called once.
  /// - Throws: what `change` throws, unchanged; nothing is written then.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.update")
  @discardableResult
  public func update(
    _ key: String,
    default defaultValue: @autoclosure () throws -> Stored,
    expires: Expiry = .kept,
    _ change: (inout Stored) throws -> Void
  ) throws -> Stored {
    try store.perform(nil) { try $0[self].update(key, default: defaultValue(), expires: expires, change) }
  }

  /// Changes the value under a key in place, as in a dictionary: nil is an absent key, and setting it to nil removes it.
  ///
  /// ```swift
  /// try carts.update("ada") { cart in cart?.items.removeAll() }
  /// ```
  ///
  /// - Returns: the value as it is now.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.update")
  @discardableResult
  public func update(
    _ key: String,
    expires: Expiry = .kept,
    _ change: (inout Stored?) throws -> Void
  ) throws -> Stored? {
    try store.perform(nil) { try $0[self].update(key, expires: expires, change) }
  }
}
