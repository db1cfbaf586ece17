/// A ``Scope`` for asynchronous code: the same methods, but waiting suspends the task instead of blocking its thread.
///
/// ```swift
/// try await users.async.set("ada", User(name: "Ada"))
/// ```
///
/// Reads never wait, so those of ``Scope`` itself can be called too. With ``Durability/relaxed(flushEvery:)`` a verb that finds
/// nobody writing does not suspend either.
public struct AsyncScope<Stored: Codable & Sendable>: Sendable {
  /// The scope itself.
  public let scope: Scope<Stored>

  /// Writes a value under a key. See ``Scope/set(_:_:expires:)``.
  @specialized(where Stored == Int)
  @specialized(where Stored == String)
  @specialized(where Stored == [UInt8])
  @specialized(where Stored == Value)
  public func set(_ key: String, _ value: Stored, expires: Expiry = .never) async throws {
    let scope = scope
    try await verb(Delegable(verb: { .set(scope, key, value, expires) }, result: { _ in })) {
      try $0.set(key, value, expires: expires)
    }
  }

  /// Removes a key. Returns whether it was there.
  @discardableResult
  public func remove(_ key: String) async throws -> Bool {
    let scope = scope
    return try await verb(Delegable(verb: { .remove(scope, key) }, result: { $0 != 0 })) { try $0.remove(key) }
  }

  /// Removes everything. Returns how many entries there were.
  @discardableResult
  public func clear() async throws -> Int {
    try await transaction { try $0.clear() }
  }

  /// The value under a key. Nil when the key is absent or has expired.
  public func get(_ key: String) async throws -> Stored? {
    try scope.get(key)
  }

  /// Whether a key is there and has not expired.
  public func contains(_ key: String) async throws -> Bool {
    try scope.contains(key)
  }

  /// How many keys a selection chooses.
  public func count(_ selection: KeySelection = .all) async throws -> Int {
    let scope = scope
    return try await scope.store.async.read { try $0[scope].count(selection) }
  }

  func transaction<R: Sendable>(_ body: @escaping @Sendable (TransactionScope<Stored>) throws -> R) async throws -> R {
    let scope = scope
    return try await scope.store.perform(nil, .once) { try body($0[scope]) }
  }

  /// A verb of one entry. See ``BodyKind/repeatable``.
  ///
  /// - Parameter delegable: how another process can do it.
  func verb<R: Sendable>(
    _ delegable: @autoclosure () -> Delegable<R>? = nil,
    _ body: @escaping @Sendable (TransactionScope<Stored>) throws -> R
  ) async throws -> R {
    let scope = scope
    // Only durable writes are done by others.
    let delegable = scope.store.configuration.durability == .full ? delegable() : nil
    return try await scope.store.perform(nil, .repeatable, delegable: delegable) { try body($0[scope]) }
  }
}

extension AsyncScope where Stored: FixedWidthInteger {
  /// Adds to the number under a key and returns the sum.
  @discardableResult
  @specialized(where Stored == Int)
  public func increment(_ key: String, by amount: Stored = 1, expires: Expiry = .kept) async throws -> Stored {
    let scope = scope
    return try await verb(
      Delegable(verb: { .increment(scope, key, amount, expires) }, result: { Stored(truncatingIfNeeded: $0) })
    ) {
      try $0.increment(key, by: amount, expires: expires)
    }
  }
}

extension AsyncScope where Stored: BinaryFloatingPoint {
  /// Adds to the number under a key and returns the sum.
  @discardableResult
  public func increment(_ key: String, by amount: Stored, expires: Expiry = .kept) async throws -> Stored {
    try await verb { try $0.increment(key, by: amount, expires: expires) }
  }
}

extension AsyncScope where Stored == Value {
  /// Adds to the integer under a key and returns the sum.
  @discardableResult
  public func increment(_ key: String, by amount: Int = 1, expires: Expiry = .kept) async throws -> Int {
    try await verb { try $0.increment(key, by: amount, expires: expires) }
  }

  /// Adds to the number under a key and returns the sum.
  @discardableResult
  public func increment(_ key: String, by amount: Double, expires: Expiry = .kept) async throws -> Double {
    try await verb { try $0.increment(key, by: amount, expires: expires) }
  }
}

extension Scope {
  /// The methods of the scope for asynchronous code.
  public var async: AsyncScope<Stored> { AsyncScope(scope: self) }
}
