/// What read and write transactions have in common. Not to be conformed to by other types.
public protocol Transaction: ~Copyable {
  var access: TransactionAccess { get }
}

/// The way from a transaction to LMDB. It has no use outside this module.
@safe public struct TransactionAccess {
  let raw: RawTransaction
  let environment: Environment
}

extension ReadTransaction: Transaction {
  public var access: TransactionAccess { unsafe TransactionAccess(raw: raw, environment: environment) }
}

extension WriteTransaction: Transaction {
  public var access: TransactionAccess {
    checkThread()
    return unsafe TransactionAccess(raw: raw, environment: environment)
  }
}

extension Transaction where Self: ~Copyable {
  /// Lends the value of a key to `body`, without a copy. Nil when the key is absent; `body` is not called then.
  ///
  /// ```swift
  /// let length = try transaction.withValue(for: "hello", in: words) { $0.byteCount }
  /// ```
  ///
  /// The bytes lie in the map and live as long as the call; in a write transaction only until its next write, which may
  /// use their place for something else.
  ///
  /// LMDB: `mdb_get`.
  public func withValue<R, E: Error>(
    for key: some ByteSource,
    in database: Database,
    _ body: (RawSpan) throws(E) -> R
  ) throws -> R? {
    let access = access
    try access.check(database)
    guard let value = unsafe try access.value(of: key, in: database) else { return nil }
    return try body(unsafe value.bytes)
  }

  /// A copy of the value of a key. Nil when the key is absent.
  ///
  /// LMDB: `mdb_get`.
  public func get(_ key: some ByteSource, in database: Database) throws(LMDBError) -> [UInt8]? {
    let access = access
    try access.check(database)
    guard let value = unsafe try access.value(of: key, in: database) else { return nil }
    return unsafe [UInt8](value)
  }

  /// Whether the key is there.
  public func contains(_ key: some ByteSource, in database: Database) throws(LMDBError) -> Bool {
    let access = access
    try access.check(database)
    return unsafe try access.value(of: key, in: database) != nil
  }

  /// The size and shape of a database, the number of its entries among them.
  ///
  /// LMDB: `mdb_stat`.
  public func statistics(of database: Database) throws(LMDBError) -> Database.Statistics {
    let access = access
    try access.check(database)
    return unsafe try access.raw.statistics(database.number)
  }
}

extension TransactionAccess {
  func check(_ database: Database) throws(LMDBError) {
    precondition(
      database.environment == ObjectIdentifier(environment),
      "A database was used in a transaction of another environment."
    )
    guard environment.handles.generation(of: database.number) == database.generation else {
      throw LMDBError(.badDatabase, "use a database")
    }
  }

  func value(of key: some ByteSource, in database: Database) throws(LMDBError) -> UnsafeRawBufferPointer? {
    unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try raw.get(key, in: database.number)
    }
  }
}

extension ByteSource {
  /// The bytes as a pointer, for the length of the call. The one place where spans become pointers.
  func withPointer<R>(_ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R) throws(LMDBError) -> R {
    try withBytes { (span) throws(LMDBError) -> R in
      unsafe try span.withUnsafeBytes(body)
    }
  }
}
