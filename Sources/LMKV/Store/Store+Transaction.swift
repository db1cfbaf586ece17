internal import LMDB

extension Store {
  /// Runs `body` in a transaction, and commits what it did unless it throws.
  ///
  /// Waits until no other transaction runs, in this process or another. Inside, use the transaction that is passed:
  /// the verbs of ``Scope`` would begin another one, and throw `nestedTransaction`.
  ///
  /// - Parameters:
  ///   - durability: what the commit waits for; as the store was opened, unless given.
  ///   - body: runs once, on this thread.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, unchanged, after everything is undone; otherwise ``LMKVError``. After an error of the
  ///   commit itself nothing of the transaction is in the store.
  ///
  /// LMDB: `mdb_txn_begin`, `mdb_txn_commit`, `mdb_txn_abort`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.transaction")
  public func transaction<R>(
    durability: Durability? = nil,
    _ body: (Transaction) throws -> R
  ) throws -> R {
    try perform(durability, body)
  }

  var readOnlyError: LMKVError {
    LMKVError(.readOnly, "The store \(path) was opened for reading only. Open it for writing.")
  }

  /// The one place where transactions begin and end.
  func perform<R>(_ durability: Durability?, _ body: (Transaction) throws -> R) throws -> R {
    try translatingErrors {
      let environment = try environment()
      guard configuration.access == .readWrite else { throw readOnlyError }
      return try CBORWriter.withPooled { writer in
        let writing = try environment.beginWrite()
        guard let head = unsafe try Head.read(writing.raw) else {
          throw LMKVError(.corrupted, "The store \(path) has lost its head record. Restore it from a backup.")
        }
        let catalog = unsafe try catalogs.catalog(in: writing.raw, generation: head.generation, environment)
        let transaction = Transaction(self, environment, writing, head, catalog, writer)
        defer { transaction.finish() }
        let result = try body(transaction)
        try transaction.commit(durability ?? configuration.durability)
        return result
      }
    }
  }
}
