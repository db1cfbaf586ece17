extension ScopeView where Access == Transaction, Stored: FixedWidthInteger {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum does not fit the type, and `typeMismatch` when the value is no
  ///   integer; nothing is changed then.
  @discardableResult
  public func increment(_ key: String, by amount: Stored = 1) throws -> Stored {
    try adding(key) { (old: Stored?) in
      let (sum, isOverflow) = (old ?? 0).addingReportingOverflow(amount)
      return isOverflow ? nil : sum
    }
  }
}

extension ScopeView where Access == Transaction, Stored: BinaryFloatingPoint {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @discardableResult
  public func increment(_ key: String, by amount: Stored) throws -> Stored {
    try adding(key) { (old: Stored?) in (old ?? 0) + amount }
  }
}

extension ScopeView where Access == Transaction, Stored == Value {
  /// Adds to the integer under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum does not fit 64 bits, and `typeMismatch` when the value is no
  ///   integer; nothing is changed then.
  @discardableResult
  public func increment(_ key: String, by amount: Int = 1) throws -> Int {
    try adding(key) { (old: Int?) in
      let (sum, isOverflow) = (old ?? 0).addingReportingOverflow(amount)
      return isOverflow ? nil : sum
    }
  }

  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  @discardableResult
  public func increment(_ key: String, by amount: Double) throws -> Double {
    try adding(key) { (old: Double?) in (old ?? 0) + amount }
  }
}

extension ScopeView where Access == Transaction {
  /// Replaces a number by what `sum` makes of it; nil is an overflow.
  @inline(__always)
  private func adding<Number: Codable>(_ key: String, _ sum: (Number?) -> Number?) throws -> Number {
    var expiry: Int64?
    let old = unsafe try withEntry(key) { header, value in
      expiry = header.expiry
      return unsafe try EntryReading.decode(Number.self, from: value, key: key, in: name)
    }
    guard let new = sum(old) else {
      throw LMKVError(
        .overflow,
        "The sum for \"\(key)\" in the scope \"\(name)\" does not fit \(Number.self). The old value is kept."
      )
    }
    unsafe try key.withKeyBytes { unsafe try write($0, key, new, expiry: expiry) }
    return new
  }
}
