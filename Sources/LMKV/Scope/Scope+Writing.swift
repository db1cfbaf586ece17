extension Scope {
  /// Writes a value under a key, over a former one, and creates the scope if it does not exist.
  ///
  /// ```swift
  /// try sessions.set("s1", session, expires: .minutes(30))
  /// ```
  ///
  /// - Parameter expires: when the entry is gone. A former expiry is, unless it is ``Expiry/kept``.
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `valueTooLarge`, `encodingFailed`, `invalidArgument`,
  ///   `storeFull`, `readOnly`, `nestedTransaction`. Nothing is written then.
  ///
  /// LMDB: `mdb_put`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.set")
  @specialized(where Stored == Int)
  @specialized(where Stored == String)
  @specialized(where Stored == [UInt8])
  @specialized(where Stored == Value)
  public func set(_ key: String, _ value: Stored, expires: Expiry = .never) throws {
    try store.performVerb({ .set(self, key, value, expires) }, { _ in }) {
      try $0[self].set(key, value, expires: expires)
    }
  }

  /// Removes a key. Returns whether it was there.
  ///
  /// LMDB: `mdb_del`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.remove")
  @discardableResult
  public func remove(_ key: String) throws -> Bool {
    try store.performVerb({ .remove(self, key) }, { $0 != 0 }) { try $0[self].remove(key) }
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
  /// try requests.increment(address, expires: .kept(or: .seconds(60)))   // counts for a minute from the first one on
  /// ```
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum does not fit the type, and `typeMismatch` when the value is no
  ///   integer; nothing is changed then.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  @specialized(where Stored == Int)
  public func increment(_ key: String, by amount: Stored = 1, expires: Expiry = .kept) throws -> Stored {
    try store.performVerb({ .increment(self, key, amount, expires) }, { Stored(truncatingIfNeeded: $0) }) {
      try $0[self].increment(key, by: amount, expires: expires)
    }
  }
}

extension Scope where Stored: BinaryFloatingPoint {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  public func increment(_ key: String, by amount: Stored, expires: Expiry = .kept) throws -> Stored {
    try store.performVerb { try $0[self].increment(key, by: amount, expires: expires) }
  }
}

extension Scope where Stored == Value {
  /// Adds to the integer under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  public func increment(_ key: String, by amount: Int = 1, expires: Expiry = .kept) throws -> Int {
    try store.performVerb { try $0[self].increment(key, by: amount, expires: expires) }
  }

  /// Adds to the double under a key, which counts as 0 when absent, and returns the sum. A former expiry stays. An
  /// integer is no double, and stays what it is: `typeMismatch`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.increment")
  @discardableResult
  public func increment(_ key: String, by amount: Double, expires: Expiry = .kept) throws -> Double {
    try store.performVerb { try $0[self].increment(key, by: amount, expires: expires) }
  }
}
