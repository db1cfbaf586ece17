internal import LMDB

extension ScopeView {
  /// The keys that a selection chooses, in order, one at a time.
  ///
  /// ```swift
  /// for key in view.keys(.prefix("user:").reversed().limited(to: 10)) { print(key) }
  /// ```
  ///
  /// Nothing is loaded before it is asked for. A `for` loop cannot throw, so an error ends the sequence, and is thrown
  /// when the closure of the snapshot or transaction returns.
  public func keys(_ selection: KeySelection = .all) -> ScopeSequence<String> {
    unsafe sequence(selection) { key, _, _ in unsafe String(decoding: key, as: UTF8.self) }
  }

  /// The values of the keys that a selection chooses, in the order of the keys. See ``keys(_:)``.
  @specialized(where Stored == Int, Access == Snapshot)
  @specialized(where Stored == String, Access == Snapshot)
  @specialized(where Stored == [UInt8], Access == Snapshot)
  @specialized(where Stored == Value, Access == Snapshot)
  public func values(_ selection: KeySelection = .all) -> ScopeSequence<Stored> {
    let name = name
    return unsafe sequence(selection) { key, _, value in
      unsafe try EntryReading.decode(Stored.self, from: value, key: String(decoding: key, as: UTF8.self), in: name)
    }
  }

  /// Keys and values that a selection chooses, in the order of the keys. See ``keys(_:)``.
  @specialized(where Stored == Int, Access == Snapshot)
  @specialized(where Stored == String, Access == Snapshot)
  @specialized(where Stored == [UInt8], Access == Snapshot)
  @specialized(where Stored == Value, Access == Snapshot)
  public func entries(_ selection: KeySelection = .all) -> ScopeSequence<(key: String, value: Stored)> {
    let name = name
    return unsafe sequence(selection) { key, _, value in
      let key = unsafe String(decoding: key, as: UTF8.self)
      return (key, unsafe try EntryReading.decode(Stored.self, from: value, key: key, in: name))
    }
  }

  /// How many keys a selection chooses. Without a selection this is a look-up, and one more for each entry of the store
  /// that has expired and was not swept yet.
  public func count(_ selection: KeySelection = .all) throws -> Int {
    try access.store.translatingErrors {
      if selection.isAll, let count = try countOfAll() { return count }
      let cursor = EntryCursor(access, binding, selection)
      var count = 0
      while unsafe try cursor.next() != nil { count += 1 }
      return count
    }
  }

  /// Whether there are no entries.
  public var isEmpty: Bool {
    get throws { try count(.all.limited(to: 1)) == 0 }
  }

  /// What lies in the scope, less what has expired. Nil where the expiry index is not to be had.
  private func countOfAll() throws -> Int? {
    let count: Int?? = unsafe try access.withDatabase(binding) { raw, database in
      guard let index = unsafe try access.expiryIndex(), let databaseName = access.databaseName(of: binding) else {
        return nil
      }
      let unswept: Int
      do {
        unswept = unsafe try index.unsweptCount(of: databaseName, database, at: access.now)
      } catch LMDBError.Code.databaseNewerThanTransaction {
        return nil
      }
      return unsafe try raw.statistics(database).entries - unswept
    }
    // The outer nil: there is no such scope.
    return count ?? .some(0)
  }

  private func sequence<Element>(
    _ selection: KeySelection,
    _ read: @escaping ScopeSequence<Element>.Read
  ) -> ScopeSequence<Element> {
    unsafe ScopeSequence(snapshot: access, scope: binding, selection: selection, read: read)
  }
}

extension ScopeView: Sequence {
  /// Loops over keys and values, in the order of the keys. See ``keys(_:)``.
  public func makeIterator() -> ScopeSequence<(key: String, value: Stored)>.Iterator {
    entries().makeIterator()
  }
}
