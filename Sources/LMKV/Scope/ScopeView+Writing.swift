internal import LMDB

extension ScopeView where Access == Transaction {
  /// Writes a value under a key, over a former one, and creates the scope if it does not exist.
  ///
  /// A former expiry is gone.
  ///
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `valueTooLarge`, `encodingFailed`, `storeFull`,
  ///   `tooManyScopes`, `invalidName`. Nothing is written then.
  ///
  /// LMDB: `mdb_put`.
  public func set(_ key: String, _ value: Stored) throws {
    try set(key, value, as: Stored.self)
  }

  /// Writes a value of another type than the scope's.
  public func set<T: Encodable>(_ key: String, _ value: T, as type: T.Type) throws {
    unsafe try key.withKeyBytes { unsafe try write($0, key, value, expiry: nil) }
  }

  /// Removes a key. Returns whether it was there.
  ///
  /// LMDB: `mdb_del`.
  @discardableResult
  public func remove(_ key: String) throws -> Bool {
    guard try contains(key) else { return false }
    return try access.store.translatingErrors {
      unsafe try key.withKeyBytes { bytes in
        unsafe try access.withDatabase(binding) { raw, database in
          let isGone = unsafe try raw.delete(bytes, in: database)
          access.didWrite()
          return isGone
        } ?? false
      }
    }
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
        access.suspendCursors()
        unsafe try raw.empty(database)
        access.didWrite()
      }
    }
    return count
  }

  /// Writes an entry: the one place where values get into the store.
  @inline(__always)
  func write<T: Encodable>(_ bytes: UnsafeRawBufferPointer, _ key: String, _ value: T, expiry: Int64?) throws {
    let writer = access.writer
    writer.reset()
    let header = EntryHeader(revision: access.newRevision, expiry: expiry)
    header.write(to: writer)
    do {
      try writer.encode(value)
    } catch let error as EncodingError {
      throw LMKVError(.encodingFailed, "The value for \"\(key)\" cannot be stored: \(error).", cause: error)
    }
    let size = writer.count - header.size
    guard size <= access.store.configuration.maxValueSize else { throw tooLarge(key, size) }
    try access.store.translatingErrors {
      let raw = unsafe try access.living()
      let database = try access.databaseForWriting(binding)
      unsafe try writer.withUnsafeBytes { unsafe try raw.put($0, for: bytes, in: database) }
    }
    access.didWrite()
  }

  private func tooLarge(_ key: String, _ size: Int) -> LMKVError {
    LMKVError(
      .valueTooLarge,
      "The value for \"\(key)\" has \(size) bytes; at most \(access.store.configuration.maxValueSize) are allowed. Split "
        + "it, or raise maxValueSize."
    )
  }
}
