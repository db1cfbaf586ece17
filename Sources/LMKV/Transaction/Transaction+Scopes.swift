internal import LMDB

extension Transaction {
  /// Creates an empty scope. Needed only for a scope that is to exist before anything is written to it.
  ///
  /// - Throws: ``LMKVError`` with `scopeExists`, `invalidName`, `tooManyScopes`.
  ///
  /// LMDB: `mdb_dbi_open` with `MDB_CREATE`.
  public func createScope(_ name: String) throws {
    try store.translatingErrors {
      try checkIsFree(name)
      try makeScope(name)
    }
  }

  /// Gives a scope another name. Its entries stay as they are, and where they are, so this takes no time.
  ///
  /// A ``Scope`` value is a name: one of the old name is empty afterwards, and a write through it creates a new scope.
  ///
  /// - Throws: ``LMKVError`` with `scopeNotFound`, `invalidName`, and with `scopeExists` when there is a scope of the new
  ///   name; it is never replaced.
  public func renameScope(_ name: String, to newName: String) throws {
    try store.translatingErrors {
      let databaseName = try databaseName(of: name)
      try checkIsFree(newName)
      try willWrite()
      guard let metadata = unsafe try metadata() else { throw Self.ended }
      unsafe try metadata.removeScope(name)
      unsafe try metadata.setScope(newName, database: databaseName)
      var databases = catalog.databases
      databases[ExactString(name)] = nil
      databases[ExactString(newName)] = databaseName
      changeCatalog(databases: databases, retired: catalog.retired)
    }
  }

  /// Copies the entries of a scope into a new one. Returns how many there are.
  ///
  /// The copies have the revision of this transaction, because it has written them, and their own expiry. What has
  /// expired is left out.
  ///
  /// - Throws: ``LMKVError`` with `scopeNotFound`, `invalidName`, `tooManyScopes`, and with `scopeExists` when there is a
  ///   scope of the new name.
  ///
  /// LMDB: `mdb_put` with `MDB_APPEND`.
  @discardableResult
  public func copyScope(_ name: String, to newName: String) throws -> Int {
    try store.translatingErrors {
      _ = try databaseName(of: name)
      try checkIsFree(newName)
      let target = try makeScope(newName)
      let raw = unsafe try living()
      let entries = EntryCursor(self, store.binding(name), .all)
      var count = 0
      while let entry = unsafe try entries.next() {
        // By way of the writer: what the cursor lends may move when something is written.
        writer.reset()
        unsafe EntryHeader(revision: newRevision, expiry: entry.header.expiry).write(to: writer)
        unsafe writer.append(raw: entry.value)
        let key = unsafe [UInt8](entry.key)
        unsafe try key.withUnsafeBytes { key in
          unsafe try writer.withUnsafeBytes { unsafe try raw.put($0, for: key, in: target, .append) }
          try didPut()
          if let expiry = unsafe entry.header.expiry {
            unsafe try moveExpiry(of: key, in: store.binding(newName), from: nil, to: expiry)
          }
        }
        count += 1
      }
      didWrite()
      return count
    }
  }

  /// Removes a scope with everything in it. Returns how many entries it had.
  ///
  /// A ``Scope`` value is a name: one of this name is empty afterwards, in all processes, and a write through it creates
  /// a new scope.
  ///
  /// - Throws: ``LMKVError`` with `scopeNotFound`.
  ///
  /// LMDB: `mdb_drop` with `del` 0. The named DB stays, for the next new scope.
  @discardableResult
  public func dropScope(_ name: String) throws -> Int {
    try store.translatingErrors {
      let databaseName = try databaseName(of: name)
      try willWrite()
      guard let metadata = unsafe try metadata() else { throw Self.ended }
      let count = try scope(name).clear()
      unsafe try metadata.removeScope(name)
      unsafe try metadata.retire(database: databaseName)
      var databases = catalog.databases
      databases[ExactString(name)] = nil
      changeCatalog(databases: databases, retired: catalog.retired.union([ExactString(databaseName)]))
      return count
    }
  }

  private func databaseName(of scope: String) throws -> String {
    _ = unsafe try living()
    try ScopeName.check(scope)
    guard let databaseName = catalog.database(of: scope) else {
      throw LMKVError(.scopeNotFound, "There is no scope \"\(scope)\" in the store \(store.path). List the scopes.")
    }
    return databaseName
  }

  private func checkIsFree(_ name: String) throws {
    _ = unsafe try living()
    try ScopeName.check(name)
    guard catalog.database(of: name) == nil else {
      throw LMKVError(
        .scopeExists,
        "There is a scope \"\(name)\" in the store \(store.path) already. Choose another name, or drop it first."
      )
    }
  }
}
