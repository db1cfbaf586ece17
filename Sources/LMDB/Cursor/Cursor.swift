/// What a cursor of a read transaction may do.
public enum ReadAccess {}
/// What a cursor of a write transaction may do: all of it.
public enum WriteAccess {}

/// A place in a database that moves from entry to entry, in key order.
///
/// ```swift
/// try transaction.withCursor(in: words) { cursor in
///   var isThere = try cursor.seek(atOrAfter: "h")
///   while isThere {
///     try cursor.withEntry { key, value in print(key.byteCount, value.byteCount) }
///     isThere = try cursor.next()
///   }
/// }
/// ```
///
/// It lives in the closure that it is lent to. Every move says whether there was an entry to go to; after one that
/// found none, where the cursor stands is not defined.
///
/// LMDB: `MDB_cursor`.
@safe public struct Cursor<Access>: ~Copyable {
  let raw: RawCursor

  fileprivate init(_ access: TransactionAccess, _ database: Database) throws(LMDBError) {
    try access.check(database)
    unsafe raw = try RawCursor(access.raw, database.number)
  }

  deinit {
    // The closure's scope ends before the transaction does, so the cursor is still LMDB's.
    unsafe raw.close()
  }

  // MARK: Moving

  public borrowing func first() throws(LMDBError) -> Bool { try move(.first) }
  public borrowing func last() throws(LMDBError) -> Bool { try move(.last) }
  /// The next entry, or the first when the cursor stands nowhere yet.
  public borrowing func next() throws(LMDBError) -> Bool { try move(.next) }
  /// The entry before, or the last when the cursor stands nowhere yet.
  public borrowing func previous() throws(LMDBError) -> Bool { try move(.previous) }

  /// The entry of exactly this key.
  public borrowing func seek(_ key: some ByteSource) throws(LMDBError) -> Bool {
    try move(.exact, key)
  }

  /// The first entry whose key is this one or comes after it.
  public borrowing func seek(atOrAfter key: some ByteSource) throws(LMDBError) -> Bool {
    let raw = unsafe raw
    return unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try (key.isEmpty ? raw.move(.first) : raw.move(.atOrAfter, key)) != nil
    }
  }

  // MARK: The current entry

  /// Lends key and value of the current entry, without a copy. Nil when the cursor stands on none.
  public borrowing func withEntry<R, E: Error>(_ body: (RawSpan, RawSpan) throws(E) -> R) throws -> R? {
    guard let entry = unsafe try raw.move(.current) else { return nil }
    return try body(unsafe entry.key.bytes, unsafe entry.value.bytes)
  }

  /// A copy of the current key.
  public borrowing func key() throws(LMDBError) -> [UInt8]? {
    guard let entry = unsafe try raw.move(.current) else { return nil }
    return unsafe [UInt8](entry.key)
  }

  /// A copy of the current value.
  public borrowing func value() throws(LMDBError) -> [UInt8]? {
    guard let entry = unsafe try raw.move(.current) else { return nil }
    return unsafe [UInt8](entry.value)
  }

  borrowing func move(_ move: CursorMove) throws(LMDBError) -> Bool {
    unsafe try raw.move(move) != nil
  }

  private borrowing func move(_ move: CursorMove, _ key: some ByteSource) throws(LMDBError) -> Bool {
    let raw = unsafe raw
    return unsafe try key.withPointer { (key) throws(LMDBError) in unsafe try raw.move(move, key) != nil }
  }
}

extension ReadTransaction {
  /// Lends a cursor over a database.
  ///
  /// LMDB: `mdb_cursor_open`, `mdb_cursor_close`.
  public borrowing func withCursor<R, E: Error>(
    in database: Database,
    _ body: (borrowing Cursor<ReadAccess>) throws(E) -> R
  ) throws -> R {
    let cursor = try Cursor<ReadAccess>(access, database)
    return try body(cursor)
  }
}

extension WriteTransaction {
  /// Lends a cursor over a database that can also write.
  ///
  /// LMDB: `mdb_cursor_open`, `mdb_cursor_close`.
  public borrowing func withCursor<R, E: Error>(
    in database: Database,
    _ body: (borrowing Cursor<WriteAccess>) throws(E) -> R
  ) throws -> R {
    let cursor = try Cursor<WriteAccess>(access, database)
    return try body(cursor)
  }
}
