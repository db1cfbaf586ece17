internal import LMDB

/// What a transaction knows beside LMDB's own state, and hands on to the next body in the same batch.
struct TransactionState {
  var head: Head
  var catalog: Catalog
  /// Whether the catalog is one that nobody else may see yet.
  var hasOwnCatalog = false
  /// The scopes that were looked up since the catalog became an own one.
  var ownDatabases: [ExactString: UInt32] = [:]
  /// Whether something was changed at all.
  var hasChanges = false
}
