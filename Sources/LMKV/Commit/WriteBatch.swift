internal import LMDB

/// Some bodies in one transaction of LMDB: what the leader of the ``WriteQueue`` works with.
///
/// A body that the user wrote runs in a savepoint of its own, so that its error undoes what it did and no more. The
/// verbs of one entry need none: an error before their first write has changed nothing. For the rare error after that,
/// such as a full store, everything is undone since the last body that must not run twice, and the verbs since then run
/// again, each in a savepoint.
struct WriteBatch: ~Copyable {
  private let shared: SharedStore
  private let writer: CBORWriter
  private let firstRevision: UInt64
  private var state: TransactionState
  /// LMDB's transaction. It is lent to `direct` while there is that, unless that has a child of it.
  private var parent: WriteTransaction?

  /// What verbs run in, one after the other.
  private var direct: Transaction?
  private var isDirectInChild = false
  /// The verbs that ran in `direct`, and what was there before them.
  private var repeatables: [QueuedWrite] = []
  private var stateBefore: TransactionState?
  /// Whether there is something in `parent` that cannot be done once more.
  private var hasDoneOnce = false

  /// What the commit waits for: the strongest that was asked for.
  private var durability: Durability?
  private var expiringWrites = 0
  private var hasSwept = false
  /// One of the stores whose bodies changed something. Who waits for a body, or runs it, keeps its store.
  @safe private unowned(unsafe) var changer: Store?

  init(
    _ shared: SharedStore,
    _ durability: Durability,
    timeout: Duration?,
    mayBlock: Bool = true,
    at place: String
  ) throws {
    self.shared = shared
    writer = shared.emptyWriter()
    let writing = try shared.commitPath.begin(timeout: timeout, durability, mayBlock: mayBlock)
    state = try shared.state(writing, at: place)
    firstRevision = state.head.revision
    parent = consume writing
  }

  /// Whether there is something to commit.
  var hasChanges: Bool { state.hasChanges }

  // MARK: Bodies

  /// Runs the first body, of the leader itself. If it throws the batch is good for nothing more.
  @inline(__always)
  mutating func runFirst<R>(_ store: Store, _ durability: Durability, _ body: (Transaction) throws -> R) throws -> R {
    guard let parent = parent.take() else { throw Snapshot.ended }
    let transaction = Transaction(store, shared.commitPath.environment, parent, state, writer)
    defer { transaction.finish() }
    let result = try body(transaction)
    try transaction.endBody()
    absorb(transaction, durability)
    self.parent = transaction.handOver()
    transaction.update(&state)
    hasDoneOnce = true
    return result
  }

  /// Runs a body that was queued. What it throws is its own error.
  mutating func run(_ write: QueuedWrite) {
    do {
      switch write.kind {
      case .once:
        closeDirect()
        try runInSavepoint(write)
      case .repeatable:
        try runDirectly(write)
      }
    } catch {
      write.error = error
    }
  }

  /// Runs what other processes want done. The leader's own come first.
  mutating func runMail(_ store: Store) {
    guard shared.commitPath.hasLetters else { return }
    for letter in shared.commitPath.takeMail(store, shared) {
      for write in letter.writes { run(write) }
    }
  }

  private mutating func runInSavepoint(_ write: QueuedWrite) throws {
    guard let child = try parent?.beginChild() else { throw Snapshot.ended }
    // Even if it only reads: what it has seen must not be undone.
    hasDoneOnce = true
    let transaction = Transaction(write.store, shared.commitPath.environment, child, state, writer)
    defer { transaction.finish() }
    try write.run(transaction)
    try transaction.endBody()
    guard transaction.hasChanges else { return }
    try transaction.handOver()?.commit()
    absorb(transaction, write.durability)
    state = transaction.state
  }

  private mutating func runDirectly(_ write: QueuedWrite) throws {
    let transaction = try direct(for: write.store)
    repeatables.append(write)
    do {
      try write.run(transaction)
      try transaction.endBody()
    } catch {
      guard transaction.mayHaveChanges else { throw error }
      return try repeatOneByOne()
    }
    absorb(transaction, write.durability)
    transaction.beginNextBody()
  }

  /// The transaction that verbs run in.
  private mutating func direct(for store: Store) throws -> Transaction {
    if let direct {
      direct.beginNextBody()
      if direct.store === store { return direct }
      let next = Transaction(store, shared.commitPath.environment, direct.handOver(), direct.state, writer)
      direct.finish()
      self.direct = next
      return next
    }
    stateBefore = state
    var writing: WriteTransaction?
    isDirectInChild = hasDoneOnce
    if isDirectInChild { writing = try parent?.beginChild() } else { writing = parent.take() }
    let transaction = Transaction(store, shared.commitPath.environment, writing.take(), state, writer)
    direct = transaction
    return transaction
  }

  /// Ends the sequence of verbs, and keeps what they did.
  private mutating func closeDirect() {
    guard let direct = direct.take() else { return }
    let ending = direct.handOver()
    state = direct.state
    direct.finish()
    if isDirectInChild {
      do {
        try ending?.commit()
      } catch {
        if let stateBefore { state = stateBefore }
        for write in repeatables where write.error == nil { write.error = error }
      }
    } else {
      parent = ending
      // What is no longer in the list cannot be repeated.
      hasDoneOnce = true
    }
    repeatables.removeAll(keepingCapacity: true)
  }

  /// Undoes the sequence of verbs, one of which failed when it may have changed something, and runs each by itself.
  private mutating func repeatOneByOne() throws {
    let writes = repeatables
    repeatables.removeAll(keepingCapacity: true)
    direct?.finish()
    direct = nil
    if let stateBefore { state = stateBefore }
    for write in writes { write.error = nil }
    if !isDirectInChild {
      do {
        let writing = try shared.commitPath.begin(timeout: nil, durability ?? .full)
        state = try shared.state(writing, at: shared.commitPath.environment.path)
        parent = consume writing
      } catch {
        for write in writes { write.error = error }
        throw error
      }
    }
    for write in writes {
      do { try runInSavepoint(write) } catch { write.error = error }
    }
    if let error = writes.last?.error { throw error }
  }

  @inline(__always)
  private mutating func absorb(_ transaction: Transaction, _ durability: Durability) {
    guard transaction.hasChanges else { return }
    self.durability = self.durability.map { .max($0, durability) } ?? durability
    expiringWrites += transaction.expiringWrites
    hasSwept = hasSwept || transaction.hasSwept
    changer = transaction.store
  }

  // MARK: The end

  /// Commits what the bodies did. Nil when they changed nothing.
  mutating func commit() throws -> CommitTicket? {
    closeDirect()
    guard state.hasChanges, let durability else {
      parent = nil
      shared.commitPath.commitNothing()
      return nil
    }
    try sweepInPassing()
    guard let writing = parent.take() else { throw Snapshot.ended }
    unsafe try state.head.write(writing.raw)
    let step = unsafe Metadata.revisionStep
    if firstRevision / step != state.head.revision / step,
      let database = unsafe shared.commitPath.environment.openedDatabase(Metadata.databaseName)
    {
      unsafe try Metadata(transaction: writing.raw, database: database.number)
        .raiseRevisionBound(above: state.head.revision)
    }
    let id = writing.id
    let ticket = try shared.commitPath.commit(writing, state.head, durability: durability)
    shared.note(state, after: id)
    return ticket
  }

  /// Removes a little of what has expired, if it is time to.
  @inline(__always)
  private mutating func sweepInPassing() throws {
    guard !hasSwept, changer?.isSweepDue == true, let store = changer else { return }
    let transaction = Transaction(
      store,
      shared.commitPath.environment,
      parent.take(),
      state,
      writer,
      isAfterwards: true
    )
    defer { transaction.finish() }
    transaction.expiringWrites = expiringWrites
    try transaction.sweepInPassing()
    parent = transaction.handOver()
  }
}

extension Durability {
  /// The one that asks for more.
  fileprivate static func max(_ one: Self, _ other: Self) -> Self {
    switch (one, other) {
    case (.relaxed(let first), .relaxed(let second)): .relaxed(flushEvery: min(first, second))
    default: .full
    }
  }
}
