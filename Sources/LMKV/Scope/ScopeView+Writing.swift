internal import LMDB

extension ScopeView where Access == Transaction {
  /// Writes a value under a key, over a former one, and creates the scope if it does not exist.
  ///
  /// ```swift
  /// try sessions.set("s1", session, expires: .minutes(30))
  /// ```
  ///
  /// - Parameter expires: when the entry is gone. A former expiry is, unless it is ``Expiry/kept``.
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `valueTooLarge`, `encodingFailed`, `invalidArgument`,
  ///   `storeFull`, `tooManyScopes`, `invalidName`. Nothing is written then.
  ///
  /// LMDB: `mdb_put`.
  @specialized(where Stored == Int)
  @specialized(where Stored == String)
  @specialized(where Stored == [UInt8])
  @specialized(where Stored == Value)
  public func set(_ key: String, _ value: Stored, expires: Expiry = .never) throws {
    try put(key, value, expires: access.resolve(expires))
  }

  /// Writes a value of another type than the scope's.
  public func set<T: Encodable>(_ key: String, _ value: T, as type: T.Type, expires: Expiry = .never) throws {
    try put(key, value, expires: access.resolve(expires))
  }

  /// Removes a key. Returns whether it was there. An entry that is damaged can be removed too.
  ///
  /// LMDB: `mdb_del`.
  @discardableResult
  public func remove(_ key: String) throws -> Bool {
    guard let place = try place(key) else { return false }
    try delete(key, expiry: place.expiry)
    return true
  }

  /// Removes everything. Returns how many entries there were.
  ///
  /// LMDB: `mdb_drop` with `del` 0.
  @discardableResult
  public func clear() throws -> Int {
    let count = try count()
    try access.store.translatingErrors {
      _ = unsafe try access.withDatabase(binding) { raw, database in
        guard unsafe try raw.statistics(database).entries > 0 else { return }
        try access.willWrite()
        access.suspendCursors()
        unsafe try raw.empty(database)
        access.didWrite()
      }
    }
    return count
  }
}
