extension ScopeView where Access == Transaction {
  /// Writes a value and returns the former one. Nil when the key was absent.
  public func exchange(_ key: String, _ value: Stored, expires: Expiry = .never) throws -> Stored? {
    let expiry = try access.resolve(expires)
    let former = try found(key, as: Stored.self)
    try put(key, value, expires: expiry, over: former?.header)
    return former?.value
  }

  /// Removes a key and returns its value. Nil when the key was absent.
  public func take(_ key: String) throws -> Stored? {
    guard let former = try found(key, as: Stored.self) else { return nil }
    try delete(key, former.header)
    return former.value
  }

  /// The value under a key; when the key is absent, what `make` returns, which is stored.
  ///
  /// ```swift
  /// let token = try tokens.getOrSet("api", expires: .hours(1)) { try fetchToken() }
  /// ```
  ///
  /// - Parameters:
  ///   - expires: for a value that is stored now.
  ///   - make: is called only when the key is absent, once, inside the transaction.
  /// - Throws: what `make` throws, unchanged.
  public func getOrSet(_ key: String, expires: Expiry = .never, _ make: () throws -> Stored) throws -> Stored {
    let expiry = try access.resolve(expires)
    if let value = try get(key) { return value }
    let value = try make()
    try put(key, value, expires: expiry)
    return value
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
  @discardableResult
  public func update(
    _ key: String,
    default defaultValue: @autoclosure () throws -> Stored,
    expires: Expiry = .kept,
    _ change: (inout Stored) throws -> Void
  ) throws -> Stored {
    let expiry = try access.resolve(expires)
    let former = try found(key, as: Stored.self)
    var value = try former?.value ?? defaultValue()
    try change(&value)
    try put(key, value, expires: expiry, over: former?.header)
    return value
  }

  /// Changes the value under a key in place, as in a dictionary: nil is an absent key, and setting it to nil removes it.
  ///
  /// ```swift
  /// try carts.update("ada") { cart in cart?.items.removeAll() }
  /// ```
  ///
  /// - Returns: the value as it is now.
  @discardableResult
  public func update(
    _ key: String,
    expires: Expiry = .kept,
    _ change: (inout Stored?) throws -> Void
  ) throws -> Stored? {
    let expiry = try access.resolve(expires)
    let former = try found(key, as: Stored.self)
    var value = former?.value
    try change(&value)
    if let value {
      try put(key, value, expires: expiry, over: former?.header)
    } else if let former {
      try delete(key, former.header)
    }
    return value
  }
}
