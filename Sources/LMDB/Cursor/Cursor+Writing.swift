extension Cursor where Access == WriteAccess {
  /// Writes an entry and stands on it.
  ///
  /// LMDB: `mdb_cursor_put`.
  public borrowing func put(
    _ value: some ByteSource,
    for key: some ByteSource,
    _ condition: WriteTransaction.PutCondition = .always
  ) throws(LMDBError) {
    let raw = unsafe raw
    unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try value.withPointer { (value) throws(LMDBError) in
        unsafe try raw.put(value, for: key, condition.flags)
      }
    }
  }

  /// Replaces the value of the current entry. Not for databases with duplicates, where it throws `incompatible`.
  ///
  /// LMDB: `mdb_cursor_put` with `MDB_CURRENT`.
  public borrowing func replace(_ value: some ByteSource) throws(LMDBError) {
    let raw = unsafe raw
    // There the value is also the place in the order, and LMDB would not look.
    guard unsafe try !Calls.flags(ofCursor: raw.pointer).contains(.duplicates) else {
      throw LMDBError(.incompatible, "replace at a cursor")
    }
    guard let key = try key() else { throw LMDBError(.notFound, "replace at a cursor") }
    unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try value.withPointer { (value) throws(LMDBError) in
        unsafe try raw.put(value, for: key, .current)
      }
    }
  }

  /// Deletes the current entry. ``next()`` then goes to the entry after it.
  ///
  /// LMDB: `mdb_cursor_del`.
  public borrowing func delete() throws(LMDBError) {
    unsafe try raw.delete()
  }

  /// Deletes the current key with all its values.
  ///
  /// LMDB: `mdb_cursor_del` with `MDB_NODUPDATA`.
  public borrowing func deleteAllDuplicates() throws(LMDBError) {
    unsafe try Calls.delete(raw.pointer, .noDuplicate)
  }
}
