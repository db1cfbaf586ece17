/// Moves in a database whose keys can have several values.
extension Cursor {
  /// The entry with exactly this key and this value.
  public borrowing func seek(_ key: some ByteSource, duplicate value: some ByteSource) throws(LMDBError) -> Bool {
    try seekPair(.exactPair, key, value)
  }

  /// The first value of this key that is this one or comes after it.
  public borrowing func seek(_ key: some ByteSource, atOrAfterDuplicate value: some ByteSource) throws(LMDBError)
    -> Bool
  {
    try seekPair(.pairAtOrAfter, key, value)
  }

  public borrowing func firstDuplicate() throws(LMDBError) -> Bool { try move(.firstDuplicate) }
  public borrowing func lastDuplicate() throws(LMDBError) -> Bool { try move(.lastDuplicate) }
  /// The next value of the same key.
  public borrowing func nextDuplicate() throws(LMDBError) -> Bool { try move(.nextDuplicate) }
  public borrowing func previousDuplicate() throws(LMDBError) -> Bool { try move(.previousDuplicate) }
  /// The first value of the next key.
  public borrowing func nextKey() throws(LMDBError) -> Bool { try move(.nextKey) }
  /// The last value of the key before.
  public borrowing func previousKey() throws(LMDBError) -> Bool { try move(.previousKey) }

  /// How many values the current key has.
  ///
  /// LMDB: `mdb_cursor_count`.
  public borrowing func countDuplicates() throws(LMDBError) -> Int {
    unsafe try Calls.countDuplicates(raw.pointer)
  }

  private borrowing func seekPair(
    _ move: CursorMove,
    _ key: some ByteSource,
    _ value: some ByteSource
  ) throws(LMDBError) -> Bool {
    let pointer = unsafe raw.pointer
    return unsafe try key.withPointer { (key) throws(LMDBError) in
      unsafe try value.withPointer { (value) throws(LMDBError) in
        unsafe try Calls.move(pointer, move, key: key, value: value) != nil
      }
    }
  }
}
