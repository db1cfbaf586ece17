extension ScopeView where Access == Transaction, Stored: FixedWidthInteger {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// - Parameter expires: of use is above all `.kept(or:)`, which gives a new counter its expiry and leaves it there.
  /// - Throws: ``LMKVError`` with `overflow` when the sum does not fit the type, and `typeMismatch` when the value is no
  ///   integer; nothing is changed then.
  @discardableResult
  @specialized(where Stored == Int)
  public func increment(_ key: String, by amount: Stored = 1, expires: Expiry = .kept) throws -> Stored {
    try adding(key, expires) { (old: Stored?) in
      let (sum, isOverflow) = (old ?? 0).addingReportingOverflow(amount)
      return isOverflow ? nil : sum
    }
  }
}

extension ScopeView where Access == Transaction, Stored: BinaryFloatingPoint {
  /// Adds to the number under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum of two finite numbers is infinite, and `typeMismatch` when the
  ///   value is no number; nothing is changed then.
  @discardableResult
  public func increment(_ key: String, by amount: Stored, expires: Expiry = .kept) throws -> Stored {
    try adding(key, expires) { (old: Stored?) in (old ?? 0).adding(amount) }
  }
}

extension ScopeView where Access == Transaction, Stored == Value {
  /// Adds to the integer under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum does not fit 64 bits, and `typeMismatch` when the value is no
  ///   integer; nothing is changed then.
  @discardableResult
  public func increment(_ key: String, by amount: Int = 1, expires: Expiry = .kept) throws -> Int {
    try adding(key, expires) { (old: Int?) in
      let (sum, isOverflow) = (old ?? 0).addingReportingOverflow(amount)
      return isOverflow ? nil : sum
    }
  }

  /// Adds to the double under a key, which counts as 0 when absent, and returns the sum. A former expiry stays.
  ///
  /// - Throws: ``LMKVError`` with `overflow` when the sum of two finite numbers is infinite, and `typeMismatch` when the
  ///   value is no double; nothing is changed then. An integer is none: it stays what it is.
  @discardableResult
  public func increment(_ key: String, by amount: Double, expires: Expiry = .kept) throws -> Double {
    let sum = try adding(key, expires, fitting: Double.self) { (old: Value?) in
      let old = try old.map { try double(under: key, $0) }
      return (old ?? 0).adding(amount).map { .double($0) }
    }
    return try double(under: key, sum)
  }

  private func double(under key: String, _ value: Value) throws -> Double {
    if let double = value.double { return double }
    let isInteger = if case .integer = value { true } else { false }
    throw LMKVError(
      .typeMismatch,
      "The value of \"\(key)\" in the scope \"\(name)\" is "
        + (isInteger
          ? "an integer, and stays one. Add an integer, or set it to a double first."
          : "no double. Set it to one first.")
    )
  }
}

extension ScopeView where Access == Transaction {
  /// Replaces a number by what `sum` makes of it; nil is an overflow.
  @inline(__always)
  private func adding<Number: Codable>(
    _ key: String,
    _ expires: Expiry,
    fitting type: Any.Type = Number.self,
    _ sum: (Number?) throws -> Number?
  ) throws -> Number {
    let expiry = try access.resolve(expires)
    let former = try found(key, as: Number.self)
    guard let new = try sum(former?.value) else {
      throw LMKVError(
        .overflow,
        "The sum for \"\(key)\" in the scope \"\(name)\" does not fit \(type). The old value is kept."
      )
    }
    try put(key, new, expires: expiry, over: former?.header)
    return new
  }
}

extension BinaryFloatingPoint {
  /// The sum; nil where it is infinite or no number although both are finite.
  fileprivate func adding(_ other: Self) -> Self? {
    let sum = self + other
    return sum.isFinite || !isFinite || !other.isFinite ? sum : nil
  }
}
