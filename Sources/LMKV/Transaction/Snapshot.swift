internal import LMDB
internal import Synchronization

/// The store as it was at one moment.
///
/// ```swift
/// let total = try store.read { snapshot in
///   let accounts = snapshot.scope("accounts", of: Int.self)
///   return accounts.values().reduce(0, +)
/// }
/// ```
///
/// It sees nothing of what is committed after it began, in any scope, and nobody waits for it. It lives as long as the
/// closure; used afterwards, it throws `transactionEnded`. A snapshot that stays open for long keeps the space of what
/// others overwrite from being used again: keep it short.
///
/// LMDB: `MDB_txn` with `MDB_RDONLY`.
// One thread at a time uses it, and no property is read or changed while another access to it runs: none of them runs
// code of others. So their accesses need not be checked, which would take a tenth of a short transaction's time.
@safe public class Snapshot {
  /// The store that it is of.
  public final let store: Store
  final let environment: Environment
  @safe @exclusivity(unchecked) final var head: Head
  @safe @exclusivity(unchecked) final var catalog: Catalog
  /// The transaction to read through. Nil once it has ended.
  @safe @exclusivity(unchecked) final var raw: RawTransaction?
  /// Raised by each write, so that cursors notice that they must find their place again.
  @safe @exclusivity(unchecked) final var writeCount = 0
  /// The first error in a place that cannot throw, such as a loop over a sequence. Thrown when the closure ends.
  @safe @exclusivity(unchecked) final var failure: (any Error)?
  /// How many callers have bytes in the map lent to them.
  @safe @exclusivity(unchecked) final var loans = 0
  /// Whether something was handed out, so that the snapshot may no longer move to a newer state.
  @safe @exclusivity(unchecked) private final var isPinned = false
  @safe @exclusivity(unchecked) private final var moment: Int64?
  /// Made by the first iteration.
  @safe @exclusivity(unchecked) private final var cursors: CursorList?

  @safe @exclusivity(unchecked) private final var reading: ReadTransaction?
  /// Earlier transactions on the same state, which cursors may still use.
  @safe @exclusivity(unchecked) private final var retired: [ReadTransactionBox] = []
  /// The limit of its age, if there is one.
  final let lease: SnapshotLease?

  fileprivate init(_ store: Store, _ environment: Environment, _ begun: consuming BegunSnapshot) {
    self.store = store
    self.environment = environment
    head = begun.head
    catalog = begun.catalog
    unsafe raw = begun.transaction.raw
    lease = store.configuration.maxSnapshotAge.map { SnapshotLease(store, environment, limit: $0) }
    lease?.add(begun.transaction.expirable)
    reading = begun.intoTransaction()
  }

  /// For ``Transaction``, which reads through its own write transaction.
  init(_ store: Store, _ environment: Environment, writing raw: RawTransaction?, _ head: Head, _ catalog: Catalog) {
    self.store = store
    self.environment = environment
    self.head = head
    self.catalog = catalog
    unsafe self.raw = raw
    reading = nil
    lease = nil
    isPinned = true
  }

  /// The revision of the newest transaction that is in the snapshot.
  public final var revision: UInt64 {
    isPinned = true
    return head.revision
  }

  /// The time that expiry is measured on: one moment for the whole snapshot.
  final var now: Int64 {
    if let moment { return moment }
    let now = store.configuration.clock.now()
    moment = now
    return now
  }

  /// Makes it look at the clock again.
  final func forgetMoment() {
    moment = nil
  }

  final func living() throws(LMKVError) -> RawTransaction {
    guard let raw = raw else { throw Self.ended }
    return unsafe raw
  }

  /// Whether its closure has returned.
  final var isEnded: Bool { unsafe raw == nil }

  static var ended: LMKVError {
    LMKVError(
      .transactionEnded,
      "A snapshot or transaction, or something from it, was used after its closure had returned. Use it inside only."
    )
  }

  /// Runs `body` with the handle of a scope's named DB; nil where the scope does not exist.
  @inline(__always)
  final func withDatabase<R>(_ scope: ScopeBinding, _ body: (RawTransaction, UInt32) throws -> R) throws -> R? {
    try lease?.enter()
    defer { lease?.leave() }
    while true {
      let raw = unsafe try living()
      guard let database = try database(scope) else {
        // That there is no such scope is an answer too, and stays one.
        isPinned = true
        return nil
      }
      do {
        let result = unsafe try body(raw, database)
        isPinned = true
        return result
      } catch LMDBError.Code.databaseNewerThanTransaction where !(self is Transaction) {
        try moveToTransaction { scope.name }
      }
    }
  }

  func database(_ scope: ScopeBinding) throws -> UInt32? {
    if let known = scope.database(at: head.generation) { return known }
    try scope.check()
    guard let name = databaseName(of: scope), let database = try environment.openDatabase(name) else {
      return nil
    }
    scope.bind(database.number, at: head.generation)
    return database.number
  }

  /// The name of the named DB that a scope lies in. Nil where the scope does not exist.
  final func databaseName(of scope: ScopeBinding) -> String? {
    scope.ownDatabase ?? catalog.database(of: scope.name)
  }

  /// The named DB of the expiry index, as far as this process has it open.
  func expiryDatabase() throws -> UInt32? {
    unsafe environment.openedDatabase(ExpiryIndex.databaseName)?.number
  }

  /// Takes a new transaction on the same state, or, as long as nothing was handed out, on a newer one.
  private final func moveToTransaction(knowing scope: () -> String) throws {
    let begun = try BegunSnapshot.begin(store, environment)
    guard !isPinned || (begun.head.revision == head.revision && begun.head.generation == head.generation) else {
      throw LMKVError(
        .scopeOpenedTooLate,
        "The scope \"\(scope())\" was first used by this process in a snapshot that is older than the latest commit. "
          + "Use it, or list the scopes, before the snapshot reads anything else."
      )
    }
    head = begun.head
    catalog = begun.catalog
    unsafe raw = begun.transaction.raw
    if let old = reading.take() { retired.append(ReadTransactionBox(old)) }
    lease?.add(begun.transaction.expirable)
    reading = begun.intoTransaction()
  }

  // MARK: Cursors

  final func register(_ cursor: EntryCursor) {
    let list = cursors ?? CursorList()
    cursors = list
    list.add(cursor)
  }

  /// Closes what iterations hold open. They find their place again at their next step, if there is one.
  final func suspendCursors() {
    cursors?.suspendAll()
  }

  final func end() {
    if let lease { retire(lease) }
    suspendCursors()
    raw = nil
    reading = nil
    if !retired.isEmpty { retired = [] }
  }

  /// The names of all scopes, in order.
  public final var scopes: [String] {
    get throws {
      _ = unsafe try living()
      try lease?.enter()
      defer { lease?.leave() }
      try openScopes()
      isPinned = true
      return catalog.scopes
    }
  }

  /// Opens what this process has not opened yet, so that each listed scope can be read in this snapshot.
  private final func openScopes() throws {
    while !isPinned, catalog.databases.count <= store.configuration.maxScopes {
      let unknown = catalog.databases.values.filter { environment.openedDatabase($0) == nil }
      if unknown.isEmpty { return }
      for name in unknown where try !open(name) { return }
      try moveToTransaction { "" }
    }
  }

  /// Whether a named DB could be opened here. A name can be listed all the same, and who reads the scope is told why.
  private final func open(_ database: String) throws(LMDBError) -> Bool {
    do throws(LMDBError) {
      _ = try environment.openDatabase(database)
      return true
    } catch {
      guard error.code == .openingInsideWrite || error.code == .databasesFull else { throw error }
      return false
    }
  }
}

extension Store {
  /// Runs `body` on a snapshot of the store.
  ///
  /// ```swift
  /// let (color, shape) = try store.read { ($0.scope("bot")["color"], $0.scope("bot")["shape"]) }
  /// ```
  ///
  /// Inside a transaction of the same store there is no such snapshot: it would not have what the transaction has
  /// written. One that began before can still be read there, and stays as it was.
  ///
  /// - Throws: what `body` throws, unchanged; otherwise ``LMKVError``, such as `nestedTransaction` inside a transaction
  ///   of this thread. An error inside a loop over a sequence of the snapshot ends the loop, and is thrown when `body`
  ///   has returned.
  ///
  /// LMDB: `mdb_txn_renew`, `mdb_txn_reset`.
  public func read<R>(_ body: (Snapshot) throws -> R) throws -> R {
    try translatingErrors {
      let environment = try environmentForReading()
      let snapshot = Snapshot(self, environment, try .begin(self, environment))
      defer { snapshot.end() }
      if let lease = snapshot.lease { snapshot.watch(lease) }
      let result = try body(snapshot)
      if let failure = snapshot.failure { throw failure }
      return result
    }
  }
}

/// A read transaction with what every reader needs to know first.
struct BegunSnapshot: ~Copyable {
  let transaction: ReadTransaction
  let head: Head
  let catalog: Catalog
  /// Whether this process had not seen the catalog before.
  private let isCatalogNew: Bool

  /// Begins a snapshot. When others have changed the catalog, the scopes that are new are opened first: a snapshot
  /// cannot use a handle that is younger than itself, and so begins anew when another thread has opened one meanwhile.
  static func begin(_ store: Store, _ environment: Environment) throws -> BegunSnapshot {
    while true {
      let handles = environment.openedHandles
      let begun = try BegunSnapshot(store, environment)
      let isOpened = store.catalogs.opened.load(ordering: .acquiring) == begun.head.generation
      if isOpened, environment.openedHandles == handles { return begun }
      if isOpened { continue }
      // To open them waits for this process's writer. If that has seen the catalog first, nobody waits for it here.
      guard begun.isCatalogNew || !environment.isWriting,
        try store.openScopes(of: begun.catalog, at: begun.head.generation, environment)
      else { return begun }
    }
  }

  private init(_ store: Store, _ environment: Environment) throws {
    let transaction = try environment.beginSnapshot()
    let head = unsafe try Head.read(transaction.raw) ?? Self.missingHead(transaction.raw, environment)
    let known = store.catalogs.catalog(of: head.generation)
    let catalog =
      unsafe try known
      ?? store.catalogs.catalog(in: transaction.raw, generation: head.generation, environment)
    self.init(transaction: transaction, head: head, catalog: catalog, isCatalogNew: known == nil)
  }

  /// What stands for the head of a store that was loaded from a dump and that nobody has written since.
  private static func missingHead(_ transaction: RawTransaction, _ environment: Environment) throws -> Head {
    guard let database = unsafe environment.openedDatabase(Metadata.databaseName) else {
      return Head(revision: 0, generation: 0)
    }
    return unsafe try Metadata(transaction: transaction, database: database.number).headAfterLoading()
  }

  private init(transaction: consuming ReadTransaction, head: Head, catalog: Catalog, isCatalogNew: Bool) {
    self.transaction = transaction
    self.head = head
    self.catalog = catalog
    self.isCatalogNew = isCatalogNew
  }
}

extension BegunSnapshot {
  fileprivate consuming func intoTransaction() -> ReadTransaction { transaction }
}

/// Keeps a read transaction open.
private final class ReadTransactionBox {
  let transaction: ReadTransaction

  init(_ transaction: consuming ReadTransaction) {
    self.transaction = transaction
  }
}
