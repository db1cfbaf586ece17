extension WriteTransaction {
  /// When a value may be written.
  public enum PutCondition: Sendable {
    case always
    /// Only if the key is absent; else `keyExists` is thrown.
    case ifAbsent
    /// The key must come after all keys of the database; else `keyExists` is thrown. The fastest way to load.
    case appending
    /// In a database with duplicates: only if the key does not have this value; else `keyExists` is thrown.
    case ifNewDuplicate

    var flags: WriteFlags {
      switch self {
      case .always: []
      case .ifAbsent: .noOverwrite
      case .appending: .append
      case .ifNewDuplicate: .noDuplicate
      }
    }
  }

  /// Writes a value under a key, over a former one.
  ///
  /// - Throws: ``LMDBError`` with `badValueSize` for a key that is empty or longer than 511 bytes, `keyExists` as the
  ///   condition says, and `mapFull` at the size limit.
  ///
  /// LMDB: `mdb_put`.
  public borrowing func put(
    _ value: some ByteSource,
    for key: some ByteSource,
    in database: Database,
    _ condition: PutCondition = .always
  ) throws(LMDBError) {
    let access = access
    try access.check(database)
    unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try value.withPointer { (value) throws(LMDBError) in
        unsafe try access.raw.put(value, for: key, in: database.number, condition.flags)
      }
    }
  }

  /// Makes room for a value of `size` bytes and lets `fill` write it in its place in the map.
  ///
  /// ```swift
  /// try transaction.put(size: 8, for: "count", in: database) { $0.append(repeating: 0, count: 8, as: UInt8.self) }
  /// ```
  ///
  /// Bytes that `fill` leaves out are zero. Not for databases with duplicates, where it throws `incompatible`.
  ///
  /// LMDB: `mdb_put` with `MDB_RESERVE`.
  public borrowing func put(
    size: Int,
    for key: some ByteSource,
    in database: Database,
    _ condition: PutCondition = .always,
    fill: (inout OutputRawSpan) -> Void
  ) throws(LMDBError) {
    let access = access
    try access.check(database)
    guard size >= 0 else { throw LMDBError(.badValueSize, "put") }
    // LMDB would compare the value, which is not there yet, with others.
    guard unsafe try !Calls.flags(access.raw.pointer, database.number).contains(.duplicates) else {
      throw LMDBError(.incompatible, "put")
    }
    unsafe try key.withPointer { (key) throws(LMDBError) in
      let room = unsafe try access.raw.reserve(size, for: key, in: database.number, condition.flags)
      // The room is ours until the next call on the transaction, and `fill` has no way to make one through the span.
      var output = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
      fill(&output)
      let count = unsafe output.finalize(for: room)
      unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...]).initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// Deletes a key, with all its duplicates. Returns whether it was there.
  ///
  /// LMDB: `mdb_del`.
  @discardableResult
  public borrowing func delete(_ key: some ByteSource, in database: Database) throws(LMDBError) -> Bool {
    let access = access
    try access.check(database)
    return unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try access.raw.delete(key, in: database.number)
    }
  }

  /// Deletes one duplicate of a key. Returns whether it was there.
  ///
  /// LMDB: `mdb_del` with a value.
  @discardableResult
  public borrowing func delete(
    _ key: some ByteSource,
    duplicate value: some ByteSource,
    in database: Database
  ) throws(LMDBError) -> Bool {
    let access = access
    try access.check(database)
    return unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try value.withPointer { (value) throws(LMDBError) in
        unsafe try Calls.delete(access.raw.pointer, database.number, key, value: value)
      }
    }
  }

  /// Deletes everything in a database. The database itself stays.
  ///
  /// There is no way to drop a named database: a process that has it open would crash at its next write.
  ///
  /// LMDB: `mdb_drop` with `del` 0.
  public borrowing func empty(_ database: Database) throws(LMDBError) {
    let access = access
    try access.check(database)
    unsafe try access.raw.empty(database.number)
  }
}
