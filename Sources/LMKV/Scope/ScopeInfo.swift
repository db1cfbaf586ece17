internal import LMDB

/// What a scope takes up.
public struct ScopeInfo: Hashable, Sendable {
  public let name: String
  /// The stored entries, those included that have expired but were not swept yet.
  public let entries: Int
  /// The bytes of the pages that the scope occupies in the file.
  public let size: Int
  /// The named DB in the data file: what LMDB's own tools call it.
  public let database: String
}

extension Store {
  /// The names and sizes of all scopes, in the order of the names.
  ///
  /// ```swift
  /// let largest = try store.scopeInfos.max { $0.size < $1.size }
  /// ```
  ///
  /// Costs a look-up for each scope, however large it is, and opens none of them. Never waits for writers.
  ///
  /// - Throws: ``LMKVError`` with `closed`, `corrupted`, `inputOutput`.
  ///
  /// LMDB: the records of the named databases in the main one.
  public var scopeInfos: [ScopeInfo] {
    get throws { try read { try $0.scopeInfos() } }
  }
}

extension Snapshot {
  /// What a scope takes up. Nil when there is no such scope.
  ///
  /// LMDB: `mdb_stat`.
  public final func scopeInfo(_ name: String) throws -> ScopeInfo? {
    try store.translatingErrors {
      let statistics = unsafe try withDatabase(store.binding(name)) { raw, database in
        unsafe try raw.statistics(database)
      }
      guard let statistics, let database = catalog.database(of: name) else { return nil }
      return ScopeInfo(name: name, entries: statistics.entries, size: statistics.size, database: database)
    }
  }

  /// The sizes as they were committed; so not for transactions.
  final func scopeInfos() throws -> [ScopeInfo] {
    let raw = unsafe try living()
    try lease?.enter()
    defer { lease?.leave() }
    return try store.translatingErrors {
      try catalog.scopes.map { name in
        let database = catalog.database(of: name) ?? ""
        guard let statistics = unsafe try raw.committedStatistics(of: database) else {
          throw LMKVError(
            .corrupted,
            "The scope \"\(name)\" of the store \(store.path) is in the catalog, but not in the file. Restore the store "
              + "from a backup."
          )
        }
        return ScopeInfo(name: name, entries: statistics.entries, size: statistics.size, database: database)
      }
    }
  }
}
