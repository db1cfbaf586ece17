internal import LMDB

/// A transaction: reads and writes in any number of scopes that happen all or not at all.
///
/// ```swift
/// try store.transaction { tx in
///   let accounts = tx.scope("accounts", of: Int.self)
///   try accounts.set("ada", accounts.require("ada") - 100)
///   try accounts.set("bob", accounts.require("bob") + 100)
/// }
/// ```
///
/// It has the store to itself: no other transaction runs meanwhile, in this or another process. It reads its own
/// writes. If the closure throws, everything is undone and the error goes on to the caller. It lives as long as the
/// closure, on one thread, which may be another one than the caller's: see ``Store/transaction(durability:timeout:_:)``.
///
/// LMDB: `MDB_txn`.
public final class Transaction: Snapshot {
  /// What goes into the entries that it writes: the revision that the store will have when it is committed.
  @safe @exclusivity(unchecked) private(set) var newRevision: UInt64
  let writer: CBORWriter
  @safe @exclusivity(unchecked) private var writing: WriteTransaction?
  /// Whether the body changed something.
  @safe @exclusivity(unchecked) private(set) var hasChanges = false
  /// Whether the body has begun to write, be it in vain.
  @safe @exclusivity(unchecked) private(set) var mayHaveChanges = false
  /// How many entries with an expiry were written.
  @safe @exclusivity(unchecked) var expiringWrites = 0
  /// Whether entries were put in, and whether that was refused because the store has its size.
  @safe @exclusivity(unchecked) private var hasPut = false
  @safe @exclusivity(unchecked) private var wasRefused = false
  /// Whether expired entries were removed already, so that the commit does not remove more.
  @safe @exclusivity(unchecked) var hasSwept = false
  /// Whether the catalog is one that nobody else may see yet.
  @safe @exclusivity(unchecked) private var hasOwnCatalog: Bool
  /// The scopes that were looked up since the catalog became an own one.
  @safe @exclusivity(unchecked) private var ownDatabases: [ExactString: UInt32]
  /// Whether this or an earlier body in the same transaction of LMDB changed something.
  @safe @exclusivity(unchecked) private var hasEarlierChanges: Bool

  /// - Parameter isAfterwards: whether it adds to what the last body did, under its revision.
  init(
    _ store: Store,
    _ environment: Environment,
    _ writing: consuming WriteTransaction?,
    _ state: TransactionState,
    _ writer: CBORWriter,
    isAfterwards: Bool = false
  ) {
    newRevision = isAfterwards ? state.head.revision : state.head.revision + 1
    hasOwnCatalog = state.hasOwnCatalog
    ownDatabases = state.ownDatabases
    hasEarlierChanges = state.hasChanges
    self.writer = writer
    let raw = unsafe writing?.raw
    self.writing = writing.take()
    unsafe super.init(store, environment, writing: raw, state.head, state.catalog)
  }

  /// What the next body of the batch begins with.
  var state: TransactionState {
    TransactionState(
      head: head,
      catalog: catalog,
      hasOwnCatalog: hasOwnCatalog,
      ownDatabases: ownDatabases,
      hasChanges: hasEarlierChanges
    )
  }

  /// The same, into what the body began with.
  @inline(__always)
  func update(_ state: inout TransactionState) {
    // Only who has changed the catalog has one of its own.
    guard hasOwnCatalog else {
      state.head = head
      state.hasChanges = hasEarlierChanges
      return
    }
    state = self.state
  }

  /// Notes that something was written.
  @inline(__always)
  func didWrite() {
    hasChanges = true
    mayHaveChanges = true
    writeCount += 1
  }

  /// Notes that something is about to be written.
  ///
  /// - Throws: when it would change bytes that are lent to somebody.
  @inline(__always)
  func willWrite() throws(LMKVError) {
    guard loans == 0 else { throw Self.lent }
    mayHaveChanges = true
  }

  private static var lent: LMKVError {
    LMKVError(
      .transactionFailed,
      "A transaction was written to inside withBytes or forEachBytes, whose bytes that would change. Copy what is needed "
        + "of them, and write when the closure has returned."
    )
  }

  /// Notes that an entry was put in.
  ///
  /// - Throws: ``LMDBError`` with `sizeLimit` if the file has become larger than it may be. Whoever only removes may go over the
  ///   limit by the few pages that this takes, so that it works in a full store.
  @inline(__always)
  func didPut() throws {
    if environment.hasLimit { try checkSize() }
  }

  @inline(never)
  private func checkSize() throws {
    hasPut = true
    guard unsafe try environment.isOverLimit(living()) else { return }
    defer { wasRefused = true }
    throw LMDBError(wasRefused ? .badTransaction : .sizeLimit, "put an entry in \(store.path)")
  }

  /// Ends a body that has returned. What it did belongs to the new revision.
  func endBody() throws {
    if let failure { throw failure }
    suspendCursors()
    guard hasChanges else { return }
    if hasPut, unsafe try environment.isOverLimit(living()) {
      throw LMDBError(wasRefused ? .badTransaction : .sizeLimit, "commit in \(store.path)")
    }
    head.revision = newRevision
    hasEarlierChanges = true
  }

  /// Makes it good for one more body, of a verb that has kept nothing of it.
  func beginNextBody() {
    newRevision = head.revision + 1
    hasChanges = false
    mayHaveChanges = false
    expiringWrites = 0
    hasPut = false
    wasRefused = false
    hasSwept = false
    failure = nil
    forgetMoment()
  }

  /// Hands LMDB's transaction over to whoever goes on with it.
  func handOver() -> WriteTransaction? {
    raw = nil
    return writing.take()
  }

  /// Ends it; what was not handed over is undone.
  func finish() {
    end()
    writing = nil
  }

  func metadata() throws -> Metadata? {
    guard let database = unsafe environment.openedDatabase(Metadata.databaseName) else { return nil }
    return unsafe try Metadata(transaction: living(), database: database.number)
  }

  // MARK: Named DBs

  func openDatabase(_ name: String) throws -> UInt32? {
    try writing?.openDatabase(name)?.number
  }

  func createDatabase(_ name: String) throws -> UInt32 {
    guard let database = try writing?.createDatabase(name) else { throw Self.ended }
    return database.number
  }

  override func expiryDatabase() throws -> UInt32? {
    unsafe try openDatabase(ExpiryIndex.databaseName)
  }

  // MARK: Scopes

  override func database(_ scope: ScopeBinding) throws -> UInt32? {
    if !hasOwnCatalog {
      if let known = scope.database(at: head.generation) { return known }
    } else if let known = ownDatabases[ExactString(scope.name)] {
      return known
    }
    try scope.check()
    guard let name = databaseName(of: scope) else { return nil }
    guard let database = try writing?.openDatabase(name) else { return nil }
    if hasOwnCatalog {
      ownDatabases[ExactString(scope.name)] = database.number
    } else if environment.openedDatabase(name) != nil {
      // A handle that this transaction opened is nobody else's before it commits.
      scope.bind(database.number, at: head.generation)
    }
    return database.number
  }

  /// The named DB of a scope, which is created if it does not exist.
  @inline(__always)
  func databaseForWriting(_ scope: ScopeBinding) throws -> UInt32 {
    if !hasOwnCatalog, let known = scope.database(at: head.generation) { return known }
    if let known = try database(scope) { return known }
    guard let own = scope.ownDatabase else { return try makeScope(scope.name) }
    try willWrite()
    return try createDatabase(own)
  }

  /// Creates a scope that does not exist. Returns its named DB.
  @discardableResult
  func makeScope(_ name: String) throws -> UInt32 {
    try ScopeName.check(name)
    try willWrite()
    let databaseName = catalog.databaseForNewScope(name)
    guard let metadata = unsafe try metadata(), let database = try writing?.createDatabase(databaseName) else {
      throw Self.ended
    }
    unsafe try metadata.setScope(name, database: databaseName)
    var databases = catalog.databases
    databases[ExactString(name)] = databaseName
    changeCatalog(databases: databases, retired: catalog.retired.subtracting([ExactString(databaseName)]))
    ownDatabases[ExactString(name)] = database.number
    return database.number
  }

  /// Makes a changed catalog this transaction's own. Others see it when the transaction commits.
  func changeCatalog(databases: [ExactString: String], retired: Set<ExactString>) {
    if !hasOwnCatalog { head.generation += 1 }
    hasOwnCatalog = true
    ownDatabases = [:]
    catalog = Catalog(generation: head.generation, databases: databases, retired: retired)
    didWrite()
  }

  // MARK: Savepoints

  /// Runs `body` in a savepoint: if it throws, what it did is undone, and only that.
  ///
  /// ```swift
  /// try store.transaction { tx in
  ///   try tx.scope("log").set("begun", true)
  ///   try? tx.savepoint { try riskyPart(tx) }
  /// }
  /// ```
  ///
  /// Savepoints nest. The transaction is used as before, inside and after.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, unchanged, after its changes are undone.
  ///
  /// LMDB: a child transaction.
  public func savepoint<R>(_ body: () throws -> R) throws -> R {
    if let failure { throw failure }
    suspendCursors()
    guard let parent = writing.take() else { throw Self.ended }
    let before = (head, catalog, hasOwnCatalog, ownDatabases, hasChanges)
    let child: WriteTransaction
    do {
      child = try parent.beginChild()
    } catch {
      writing = consume parent
      throw store.errors(error)
    }
    unsafe raw = child.raw
    writing = consume child
    let result: Result<R, any Error>
    do {
      let value = try body()
      if let failure { throw failure }
      result = .success(value)
    } catch {
      result = .failure(error)
    }
    suspendCursors()
    let ending = writing.take()
    writing = consume parent
    unsafe raw = writing?.raw
    switch result {
    case .success(let value):
      do {
        try ending?.commit()
      } catch {
        (head, catalog, hasOwnCatalog, ownDatabases, hasChanges) = before
        writeCount += 1
        throw store.errors(error)
      }
      writeCount += 1
      return value
    case .failure(let error):
      ending?.abort()
      (head, catalog, hasOwnCatalog, ownDatabases, hasChanges) = before
      failure = nil
      wasRefused = false
      writeCount += 1
      throw error
    }
  }
}
