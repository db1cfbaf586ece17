internal import LMDB
internal import Synchronization

/// What all ``Store`` values of this process on one environment share: the queue of writers, and the way to the disk.
// What is `var` is used by the leader of the queue only, and leadership passes from thread to thread with acquire and release.
final class SharedStore: @unchecked Sendable {
  let commitPath: CommitPath
  let queue = WriteQueue()
  let catalogs = CatalogCache()
  /// Nil where processes share no memory.
  let room: WaitingRoom?
  /// What the leader encodes with.
  @safe @exclusivity(unchecked) private var writer = CBORWriter()
  /// The head and the catalog as of the newest transaction of LMDB that was seen: nobody has changed them as long as
  /// that is the newest.
  @safe @exclusivity(unchecked) private var newest: (transaction: UInt64, head: Head, catalog: Catalog)?

  private init(_ environment: Environment) {
    commitPath = CommitPath(environment)
    room = commitPath.control.map { WaitingRoom($0) }
  }

  private struct Entry {
    let shared: SharedStore
    var users: Int
  }

  /// By environment. An entry goes with its last user; a weak reference would make every use of the object slower.
  private static let registry = Mutex<[ObjectIdentifier: Entry]>([:])

  /// Comes together with the other stores on the environment. Each ends it with ``detach()``.
  static func attach(_ environment: Environment) -> SharedStore {
    registry.withLock { registry in
      var entry = registry[ObjectIdentifier(environment)] ?? Entry(shared: SharedStore(environment), users: 0)
      entry.users += 1
      registry[ObjectIdentifier(environment)] = entry
      return entry.shared
    }
  }

  /// Calls `body` with the way to the disk of each environment that stores of this process are open on.
  static func forEachOpen(_ body: (CommitPath) -> Void) {
    let open = registry.withLock { $0.values.map(\.shared) }
    for shared in open { body(shared.commitPath) }
  }

  /// Ends the use by one store, and brings its relaxed commits to the disk. False when something is left to a thread.
  func detach(until deadline: UInt64) throws -> Bool {
    let key = ObjectIdentifier(commitPath.environment)
    let isLast = Self.registry.withLock { registry in
      registry[key]?.users -= 1
      guard registry[key]?.users == 0 else { return false }
      registry[key] = nil
      return true
    }
    guard isLast else {
      try commitPath.flush()
      return true
    }
    room?.stop()
    queue.thread.stop()
    queue.waitUntilIdle(until: deadline)
    return try commitPath.stop(until: deadline)
  }

  /// Throws where this thread, or this process, cannot begin a transaction at all.
  @inline(never)
  func checkMayWrite() throws(LMDBError) {
    try commitPath.environment.checkMayWrite()
  }

  /// What a transaction of LMDB begins with.
  func state(_ writing: borrowing WriteTransaction, at place: String) throws -> TransactionState {
    if let newest, newest.transaction &+ 1 == writing.id {
      return TransactionState(head: newest.head, catalog: newest.catalog)
    }
    guard let head = unsafe try Head.read(writing.raw) else {
      throw LMKVError(.corrupted, "The store \(place) has lost its head record. Restore it from a backup.")
    }
    let catalog = unsafe try catalogs.catalog(in: writing.raw, generation: head.generation, commitPath.environment)
    return TransactionState(head: head, catalog: catalog)
  }

  /// Notes with what the next transaction begins if nobody else commits before.
  func note(_ state: TransactionState, after transaction: UInt64) {
    if state.hasOwnCatalog { catalogs.keep(state.catalog) }
    guard newest?.catalog !== state.catalog else {
      newest?.transaction = transaction
      newest?.head = state.head
      return
    }
    newest = (transaction, state.head, state.catalog)
  }

  /// The leader's writer, empty. One that somebody has kept, such as an encoder that outlived its value, is theirs.
  func emptyWriter() -> CBORWriter {
    if isKnownUniquelyReferenced(&writer) { writer.reset() } else { writer = CBORWriter() }
    return writer
  }
}
