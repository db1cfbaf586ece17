extension AsyncScope {
  /// Gives an entry another expiry and leaves its value. See `Scope.touch(_:expires:)`.
  @discardableResult
  public func touch(_ key: String, expires: Expiry) async throws -> Bool {
    try await verb { try $0.touch(key, expires: expires) }
  }

  /// Removes the expiry of an entry, so that it stays. Returns whether the entry was there.
  @discardableResult
  public func persist(_ key: String) async throws -> Bool {
    try await verb { try $0.persist(key) }
  }

  /// How much longer an entry will be there. Nil when the key is absent or has expired.
  public func timeToLive(_ key: String) async throws -> TimeToLive? {
    try scope.timeToLive(key)
  }

  /// Writes a value and returns the former one. Nil when the key was absent.
  public func exchange(_ key: String, _ value: Stored, expires: Expiry = .never) async throws -> Stored? {
    try await verb { try $0.exchange(key, value, expires: expires) }
  }

  /// Removes a key and returns its value. Nil when the key was absent.
  public func take(_ key: String) async throws -> Stored? {
    try await verb { try $0.take(key) }
  }

  /// The value under a key, or what `make` returns, which is stored. See ``Scope/getOrSet(_:expires:_:)``.
  public func getOrSet(
    _ key: String,
    expires: Expiry = .never,
    _ make: @escaping @Sendable () throws -> Stored
  ) async throws -> Stored {
    if let value = try scope.get(key) { return value }
    return try await transaction { try $0.getOrSet(key, expires: expires, make) }
  }

  /// Changes the value under a key in place, and returns it as it is now. See ``Scope/update(_:default:expires:_:)``.
  @discardableResult
  public func update(
    _ key: String,
    default defaultValue: Stored,
    expires: Expiry = .kept,
    _ change: @escaping @Sendable (inout Stored) throws -> Void
  ) async throws -> Stored {
    try await transaction { try $0.update(key, default: defaultValue, expires: expires, change) }
  }

  /// Changes the value under a key in place, as in a dictionary. See ``Scope/update(_:expires:_:)``.
  @discardableResult
  public func update(
    _ key: String,
    expires: Expiry = .kept,
    _ change: @escaping @Sendable (inout Stored?) throws -> Void
  ) async throws -> Stored? {
    try await transaction { try $0.update(key, expires: expires, change) }
  }

  /// Appends to the array under a key. See `Scope.append(_:_:expires:)`.
  @discardableResult
  public func append<Element>(_ key: String, _ element: Element, expires: Expiry = .kept) async throws -> Int
  where Stored == [Element], Element: Sendable {
    try await verb { try $0.append(key, element, expires: expires) }
  }

  /// Appends several elements to the array under a key.
  @discardableResult
  public func append<Element>(
    _ key: String,
    contentsOf elements: some Sequence<Element> & Sendable,
    expires: Expiry = .kept
  ) async throws -> Int where Stored == [Element] {
    try await transaction { try $0.append(key, contentsOf: elements, expires: expires) }
  }
}

extension AsyncScope where Stored: Comparable {
  /// Writes a value if it is larger than the one under the key. See `Scope.raise(_:to:expires:)`.
  @discardableResult
  public func raise(_ key: String, to value: Stored, expires: Expiry = .kept) async throws -> Stored {
    try await verb { try $0.raise(key, to: value, expires: expires) }
  }

  /// Writes a value if it is smaller than the one under the key. See `Scope.lower(_:to:expires:)`.
  @discardableResult
  public func lower(_ key: String, to value: Stored, expires: Expiry = .kept) async throws -> Stored {
    try await verb { try $0.lower(key, to: value, expires: expires) }
  }
}

extension AsyncScope where Stored == Value {
  /// Writes a value if it is larger than the one under the key. See `Scope.raise(_:to:expires:)`.
  @discardableResult
  public func raise<T: Comparable & Codable & Sendable>(
    _ key: String,
    to value: T,
    expires: Expiry = .kept
  ) async throws -> T {
    try await verb { try $0.raise(key, to: value, expires: expires) }
  }

  /// Writes a value if it is smaller than the one under the key. See `Scope.lower(_:to:expires:)`.
  @discardableResult
  public func lower<T: Comparable & Codable & Sendable>(
    _ key: String,
    to value: T,
    expires: Expiry = .kept
  ) async throws -> T {
    try await verb { try $0.lower(key, to: value, expires: expires) }
  }

  /// Appends to the array under a key. See `Scope.append(_:_:expires:)`.
  @discardableResult
  public func append(_ key: String, _ element: Value, expires: Expiry = .kept) async throws -> Int {
    try await verb { try $0.append(key, element, expires: expires) }
  }

  /// Appends several elements to the array under a key.
  @discardableResult
  public func append(
    _ key: String,
    contentsOf elements: some Sequence<Value> & Sendable,
    expires: Expiry = .kept
  ) async throws -> Int {
    try await transaction { try $0.append(key, contentsOf: elements, expires: expires) }
  }
}
