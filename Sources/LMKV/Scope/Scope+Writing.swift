extension Scope {
  /// Writes a value under a key, over a former one, and creates the scope if it does not exist.
  ///
  /// A former expiry is gone.
  ///
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `valueTooLarge`, `encodingFailed`, `storeFull`, `readOnly`,
  ///   `nestedTransaction`. Nothing is written then.
  ///
  /// LMDB: `mdb_put`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.set")
  @specialized(where Stored == Int)
  @specialized(where Stored == String)
  @specialized(where Stored == [UInt8])
  @specialized(where Stored == Value)
  public func set(_ key: String, _ value: Stored) throws {
    try store.perform(nil) { try $0[self].set(key, value) }
  }

  /// Removes a key. Returns whether it was there.
  ///
  /// LMDB: `mdb_del`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.remove")
  @discardableResult
  public func remove(_ key: String) throws -> Bool {
    try store.perform(nil) { try $0[self].remove(key) }
  }

  /// Removes everything. Returns how many entries there were.
  ///
  /// LMDB: `mdb_drop` with `del` 0.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.clear")
  @discardableResult
  public func clear() throws -> Int {
    try store.perform(nil) { try $0[self].clear() }
  }
}

extension Scope where Stored: FixedWidthInteger {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// ```swift
  /// try counters.increment("runs")
  /// ```
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum does not fit the type, and `typeMismatch` when the value is no
  ///   integer; nothing is changed then.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  @specialized(where Stored == Int)
  public func increment(_ key: String, by amount: Stored = 1) throws -> Stored {
    try store.perform(nil) { try $0[self].increment(key, by: amount) }
  }
}

extension Scope where Stored: BinaryFloatingPoint {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  public func increment(_ key: String, by amount: Stored) throws -> Stored {
    try store.perform(nil) { try $0[self].increment(key, by: amount) }
  }
}

extension Scope where Stored == Value {
  /// Adds to the integer under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  public func increment(_ key: String, by amount: Int = 1) throws -> Int {
    try store.perform(nil) { try $0[self].increment(key, by: amount) }
  }

  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  public func increment(_ key: String, by amount: Double) throws -> Double {
    try store.perform(nil) { try $0[self].increment(key, by: amount) }
  }
}
