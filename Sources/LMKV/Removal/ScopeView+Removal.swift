internal import LMDB

extension ScopeView where Access == Transaction {
  /// Removes the keys that a selection chooses. Returns how many there were.
  ///
  /// ```swift
  /// try tx[users].removeAll(.matching("*:user-001"))
  /// try tx[log].removeAll(.all.limited(to: 1_000))      // the oldest thousand
  /// ```
  ///
  /// Expired entries on the way go too, and are not counted.
  ///
  /// LMDB: `mdb_cursor_del`, without another look-up; for a whole scope `mdb_drop` with `del` 0.
  @discardableResult
  public func removeAll(_ selection: KeySelection) throws -> Int {
    if selection.isAll { return try clear() }
    return try removeEntries(selection, lookingAtMost: .max).removed
  }

  /// Removes what a selection chooses among the next `bound` entries. What is left of the selection is nil at its end.
  func removeEntries(
    _ selection: KeySelection,
    lookingAtMost bound: Int
  ) throws -> (removed: Int, rest: KeySelection?) {
    guard selection.limit != 0 else { return (0, nil) }
    return try access.store.translatingErrors {
      let result = unsafe try access.withDatabase(binding) { raw, database in
        access.suspendCursors()
        let cursor = unsafe try RawCursor(raw, database)
        defer { unsafe cursor.close() }
        return unsafe try remove(selection, with: cursor, lookingAtMost: bound)
      }
      return result ?? (0, nil)
    }
  }

  private func remove(
    _ selection: KeySelection,
    with cursor: RawCursor,
    lookingAtMost bound: Int
  ) throws -> (removed: Int, rest: KeySelection?) {
    var removed = 0
    var looked = 0
    // Whatever happens: iterations must find their place again, and the transaction has something to commit.
    var hasWritten = false
    defer { if hasWritten { access.didWrite() } }
    let range = selection.keyRange
    var entry = unsafe try cursor.enter(range, backwards: selection.isReversed)
    while let current = unsafe entry {
      looked += 1
      // The bytes are gone with the entry.
      let lastKey = looked == bound ? unsafe [UInt8](current.key) : nil
      // One that is damaged is there, and goes as well.
      let isExpired = unsafe EntryHeader(current.value)?.isExpired(at: access.now) ?? false
      let isChosen = unsafe selection.pattern?.matches(current.key) ?? true
      if isChosen || isExpired {
        try access.willWrite()
        hasWritten = true
        unsafe try cursor.delete()
        if !isExpired { removed += 1 }
      }
      if removed == selection.limit { return (removed, nil) }
      if let lastKey {
        let rest = selection.after(lastKey)
        return (removed, selection.limit.map { rest.limited(to: $0 - removed) } ?? rest)
      }
      // After a deletion the cursor stands before the next entry, in both directions.
      unsafe entry = try cursor.advance(in: range, backwards: selection.isReversed)
    }
    return (removed, nil)
  }
}
