extension Environment {
  /// The figures of the environment as a whole.
  public struct Info: Hashable, Sendable {
    /// The size of this process's map, in bytes: the limit of the file.
    public let mapSize: Int
    /// Bytes in a page.
    public let pageSize: Int
    /// The number of the last page that is in use or free.
    public let lastPage: Int
    /// The ID of the last committed transaction. It may run ahead of what a new read transaction sees.
    public let lastTransactionID: UInt64
    public let maxReaders: Int
    public let usedReaderSlots: Int

    /// What the data file holds, in bytes, free pages included.
    public var usedSize: Int { (lastPage + 1) * pageSize }
  }

  /// The figures of the environment as a whole, without a transaction.
  ///
  /// LMDB: `mdb_env_info`, `mdb_env_stat`.
  public func info() throws(LMDBError) -> Info {
    try readPool.withMap { () throws(LMDBError) in unsafe try Calls.info(handle) }
  }

  /// The number of the last page. Inside a transaction, which keeps the map in its place.
  package var lastPage: UInt64 { unsafe Calls.lastPage(handle) }

  /// Makes everything that was committed so far durable.
  ///
  /// LMDB: `mdb_env_sync`.
  public func sync() throws(LMDBError) {
    guard !isForked else { throw LMDBError(.forked, "sync") }
    guard !isReadOnly else { throw LMDBError(.readOnly, "sync") }
    unsafe try Calls.sync(handle)
  }

  /// The number of pages that the next transactions can use again, read from the list of free pages.
  public func freePageCount() throws(LMDBError) -> Int {
    try read { (transaction) throws(LMDBError) -> Int in
      // The free list is database 0: a count of pages, then their numbers, for each transaction that freed some.
      let raw = unsafe transaction.raw
      let cursor = unsafe try raw.openCursor(0)
      defer { unsafe Calls.closeCursor(cursor) }
      var count = 0
      var entry = unsafe try Calls.move(cursor, .first)
      while let current = unsafe entry {
        if unsafe current.value.count >= 8 { count += unsafe current.value.loadUnaligned(as: Int.self) }
        unsafe entry = try Calls.move(cursor, .next)
      }
      return count
    }
  }
}
