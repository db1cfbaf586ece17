/// A verb of one entry as data: what a process can do for another one.
///
/// It does what the method of the same name does. What the answer is made of is one number: the sum, or whether the key
/// was there.
struct PlainVerb: Sendable {
  enum Operation: UInt8 {
    case set = 1
    case remove
    case increment
  }

  let operation: Operation
  let scope: String
  let key: String
  /// Not resolved: who does the verb adds a duration to its own time.
  var expires = ExpiryTerm.never
  /// What is added, and what number and sum must fit in.
  var amount: Int64 = 0
  var range: ClosedRange<Int64> = .min ... .max
  /// What is set, encoded.
  var value: [UInt8] = []

  func run(_ transaction: Transaction) throws -> Int64 {
    let view = transaction.scope(scope, of: Int64.self)
    switch operation {
    case .set:
      try view.putEncoded(key, value, expires: transaction.resolve(expires))
      return 0
    case .remove:
      return try view.remove(key) ? 1 : 0
    case .increment:
      let former = try view.found(key, as: Int64.self)
      let number = former?.value ?? 0
      let (sum, isOverflow) = number.addingReportingOverflow(amount)
      // Its owner says better what is wrong, when he does it himself.
      guard !isOverflow, range.contains(number), range.contains(sum) else {
        throw LMKVError(.overflow, "The number does not fit.")
      }
      try view.put(key, sum, expires: transaction.resolve(expires), over: former?.header)
      return sum
    }
  }
}

// Nil where it must be done the ordinary way, be it for the sake of its error.
extension PlainVerb {
  static func set<Stored: Encodable>(_ scope: Scope<Stored>, _ key: String, _ value: Stored, _ expires: Expiry) -> Self?
  {
    guard let expires = term(expires, scope.store) else { return nil }
    let writer = CBORWriter()
    guard (try? writer.encode(value)) != nil, writer.count <= scope.store.configuration.maxValueSize else { return nil }
    return Self(operation: .set, scope: scope.name, key: key, expires: expires, value: writer.bytes)
  }

  static func remove(_ scope: Scope<some Codable & Sendable>, _ key: String) -> Self? {
    guard scope.store.configuration.clock.isSystem else { return nil }
    return Self(operation: .remove, scope: scope.name, key: key)
  }

  static func increment<Stored: FixedWidthInteger>(
    _ scope: Scope<Stored>,
    _ key: String,
    _ amount: Stored,
    _ expires: Expiry
  ) -> Self? {
    guard isStoredAsOurs(Stored.self), let least = Int64(exactly: Stored.min), let most = Int64(exactly: Stored.max),
      let expires = term(expires, scope.store)
    else { return nil }
    return Self(
      operation: .increment,
      scope: scope.name,
      key: key,
      expires: expires,
      amount: Int64(amount),
      range: least...most
    )
  }

  /// Whether it is an integer of the standard library. Others encode themselves as they like.
  @inline(__always)
  private static func isStoredAsOurs<Stored>(_: Stored.Type) -> Bool {
    Stored.self == Int.self || Stored.self == Int64.self || Stored.self == Int32.self || Stored.self == Int16.self
      || Stored.self == Int8.self || Stored.self == UInt32.self || Stored.self == UInt16.self
      || Stored.self == UInt8.self
  }

  private static func term(_ expires: Expiry, _ store: Store) -> ExpiryTerm? {
    // Whoever does it goes by the system's clock.
    guard store.configuration.clock.isSystem else { return nil }
    return try? ExpiryTerm(expires)
  }
}
