internal import ControlPage
internal import LMDB
internal import Synchronization

extension Store {
  /// Runs `body` in a transaction, and commits what it did unless it throws.
  ///
  /// Waits until no other transaction runs, in this process or another. Inside, use the transaction that is passed, for
  /// reading as well: the verbs of ``Scope`` would begin another one, and its reads would miss what this one has
  /// written. Both throw `nestedTransaction`.
  ///
  /// ```swift
  /// try store.transaction(timeout: .seconds(1)) { tx in try tx["jobs"].set("next", 7) }
  /// ```
  ///
  /// Transactions of this process that come together share one commit, first come first served. Each is still by itself:
  /// its error undoes what it did, and nothing else. While its caller waits, a body may run on the thread of another
  /// caller. So do not rely on thread-local values in it, nor on a recursive lock that the caller holds. A body that the
  /// main thread passes runs there.
  ///
  /// - Parameters:
  ///   - durability: what the commit waits for; as the store was opened, unless given.
  ///   - timeout: how long to wait for other transactions, of all processes, at most. Nil: as the store was opened
  ///     (``Configuration/writeTimeout``). Zero: not at all. How long the body and the commit take is not limited.
  ///   - body: runs once, while this thread waits.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, unchanged, after everything is undone; otherwise ``LMKVError``: `timedOut` when others
  ///   wrote for too long, which names the process that does; the body has not run then. After an error of the commit itself
  ///   nothing of the transaction is in the store.
  ///
  /// LMDB: `mdb_txn_begin`, `mdb_txn_commit`, `mdb_txn_abort`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.transaction")
  public func transaction<R>(
    durability: Durability? = nil,
    timeout: Duration? = nil,
    _ body: (Transaction) throws -> R
  ) throws -> R {
    try perform(durability, timeout: timeout, body)
  }

  var readOnlyError: LMKVError {
    LMKVError(.readOnly, "The store \(path) was opened for reading only. Open it for writing.")
  }

  /// A verb of one entry, as a transaction of its own. See ``BodyKind/repeatable``.
  @inline(__always)
  func performVerb<R>(_ body: (Transaction) throws -> R) throws -> R {
    try perform(nil, .repeatable, body)
  }

  /// The same for a verb that another process can do as well.
  ///
  /// - Parameters:
  ///   - verb: what it would do; nil where only the body can.
  ///   - result: what becomes of its answer.
  @inline(__always)
  func performVerb<R>(
    _ verb: () -> PlainVerb?,
    _ result: (Int64) -> R,
    _ body: (Transaction) throws -> R
  ) throws -> R {
    running.begin()
    defer { running.end() }
    let shared = try translatingErrors { try sharedForWriting() }
    let path = shared.commitPath
    let durability = configuration.durability
    let isDelegable = durability == .full && path.hasBox
    return try translatingErrors {
      // Where several processes write, it goes by way of the queue, whose leader lets others do it, or does theirs.
      let isShared = isDelegable && (path.hasLetters || path.isOthersTurn)
      if !isShared, shared.queue.lead() {
        return try performLeading(shared, durability, configuration.writeTimeout, body)
      }
      let timeout = configuration.writeTimeout
      switch try performQueued(shared, durability, .repeatable, timeout, isDelegable ? verb() : nil, body) {
      case .returned(let value): return value
      case .answered(let number): return result(number)
      }
    }
  }

  /// The one place where transactions of threads begin and end.
  func perform<R>(
    _ durability: Durability?,
    _ kind: BodyKind = .once,
    timeout: Duration? = nil,
    _ body: (Transaction) throws -> R
  ) throws -> R {
    running.begin()
    defer { running.end() }
    return try translatingErrors {
      let shared = try sharedForWriting()
      let durability = durability ?? configuration.durability
      let timeout = timeout ?? configuration.writeTimeout
      if shared.queue.lead() { return try performLeading(shared, durability, timeout, body) }
      guard case .returned(let value) = try performQueued(shared, durability, kind, timeout, nil, body) else {
        throw Snapshot.ended
      }
      return value
    }
  }

  /// What a transaction needs, after checking that one may begin here at all.
  @inline(__always)
  func sharedForWriting() throws -> SharedStore {
    let shared = try shared()
    guard configuration.access == .readWrite else { throw readOnlyError }
    // The queue would wait for ever: for this very thread, or for one that does not exist in this process.
    try shared.checkMayWrite()
    return shared
  }

  /// Nobody else writes: the body runs at once, and then what was queued meanwhile.
  ///
  /// - Parameter mayBlock: whether this thread may run what others want if that takes long.
  func performLeading<R>(
    _ shared: SharedStore,
    _ durability: Durability,
    _ timeout: Duration?,
    mayBlock: Bool = true,
    _ body: (Transaction) throws -> R
  ) throws -> R {
    let queue = shared.queue
    var others: [QueuedWrite] = []
    var ticket: CommitTicket?
    var result: R?
    var isReader = false
    do {
      var batch = try WriteBatch(shared, durability, timeout: timeout, mayBlock: mayBlock, at: path)
      let returned = try batch.runFirst(self, durability, body)
      result = returned
      isReader = !batch.hasChanges
      if queue.isOccupied { queue.serve(&batch, nil, until: queue.endOfBatch, mayBlock: mayBlock, &others) }
      if durability == .full { batch.runMail(self) }
      ticket = try batch.commit()
    } catch {
      shared.commitPath.endFailed()
      queue.giveUpLead()
      for write in others {
        if write.error == nil { write.error = error }
        write.complete()
      }
      // Who only read, before the others changed anything, is not concerned.
      if isReader, let result { return result }
      throw error
    }
    let mail = shared.commitPath.collectMail()
    queue.answered.store(others.count + 1, ordering: .relaxed)
    queue.giveUpLead()
    guard let result else { throw Snapshot.ended }
    defer { for write in others where !write.isAnswered { write.complete() } }
    guard let ticket, !ticket.isDurable else {
      mail.markDone()
      return result
    }
    if let error = queue.finish(ticket, shared.commitPath, others, mail), durability == .full { throw error }
    return result
  }

  private enum Outcome<R> {
    case returned(R)
    /// By another process.
    case answered(Int64)
  }

  /// Others write: the body is run by one of them, or here when it is its turn.
  private func performQueued<R>(
    _ shared: SharedStore,
    _ durability: Durability,
    _ kind: BodyKind,
    _ timeout: Duration?,
    _ verb: PlainVerb?,
    _ body: (Transaction) throws -> R
  ) throws -> Outcome<R> {
    if let timeout, timeout <= .zero, shared.queue.isBusy { throw timedOut(after: timeout) }
    var result: Outcome<R>?
    try withoutActuallyEscaping({ (transaction: Transaction) throws in result = .returned(try body(transaction)) }) {
      body in
      let write = BlockingWrite(self, shared, durability, kind, timeout, verb, body)
      guard write.wait(in: shared.queue) else { throw timedOut(after: timeout ?? .zero) }
      if let error = write.error { throw error }
      if let answer = write.answer { result = .answered(answer) }
    }
    guard let result else { throw Snapshot.ended }
    return result
  }

  func timedOut(after timeout: Duration) -> LMKVError {
    let control = try? (environment().companion as? Persistence)?.control
    return .timedOut(path, after: timeout, control?.turn.holder)
  }
}
