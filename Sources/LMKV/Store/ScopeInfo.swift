internal import LMDB

/// What a scope takes up.
public struct ScopeInfo: Hashable, Sendable {
  public let name: String
  /// How many entries are stored, those among them that have expired and were not swept yet.
  public let entries: Int
  /// The pages that the entries take up, in bytes.
  public let bytes: Int
  /// The named DB in the data file: what LMDB's own tools call it.
  public let database: String
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
      guard let statistics, let database = catalog.databases[name] else { return nil }
      return ScopeInfo(name: name, entries: statistics.entries, bytes: statistics.size, database: database)
    }
  }
}
