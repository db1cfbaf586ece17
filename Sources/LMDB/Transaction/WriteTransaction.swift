internal import Synchronization

/// The write transaction: the one at a time, among all processes, that changes the environment.
///
/// ```swift
/// try environment.write { transaction in
///   try transaction.put("world", for: "hello", in: words)
/// }
/// ```
///
/// It sees its own changes. ``commit()`` makes them visible to transactions that begin later; without it everything is
/// undone when the value goes. LMDB binds it to the thread that began it, so it must not be held across an `await`:
/// ending it on another thread stops the process with a message, because going on would block every writer for ever.
///
/// LMDB: `MDB_txn`.
@safe public struct WriteTransaction: ~Copyable {
  let environment: Environment
  private let pointer: OpaquePointer
  private let thread: UInt
  private let isChild: Bool
  private var isLive = true
  /// How far the record of changes had come when this transaction began.
  private let mark: ChangeRecorder.Mark

  fileprivate init(_ environment: Environment, _ pointer: OpaquePointer, isChild: Bool) {
    self.environment = environment
    unsafe self.pointer = pointer
    self.isChild = isChild
    mark = environment.changes.mark
    thread = ThreadIdentity.current
  }

  deinit {
    guard isLive, !environment.isForked else { return }
    checkThread()
    unsafe Calls.abort(pointer)
    environment.changes.rewind(to: mark)
    environment.handles.discard(opened.takeLevel())
    if !isChild { environment.finishWrite() }
  }

  /// What this transaction, its parents and its children have opened.
  var opened: OpenedDatabases { environment.openedDatabases }

  package var raw: RawTransaction {
    let changes = environment.changes
    return unsafe RawTransaction(pointer: pointer, recorder: changes.isOn ? .passUnretained(changes) : nil)
  }

  /// The ID that this transaction will have once it is committed.
  ///
  /// LMDB: `mdb_txn_id`.
  public var id: UInt64 { unsafe raw.id }

  /// Makes the changes permanent and visible to others, as the environment's sync mode says.
  ///
  /// - Throws: ``LMDBError``. After an error nothing of the transaction is visible, with one exception: an error of the
  ///   last write, of the header page, leaves the environment in `panic`, to be opened anew, and the outcome open.
  ///
  /// LMDB: `mdb_txn_commit`.
  public consuming func commit() throws(LMDBError) {
    try commit(environment.configuration.sync)
  }

  /// Makes the changes permanent and visible to others, with its own sync mode. A child has none of its own.
  public consuming func commit(_ sync: Environment.SyncMode) throws(LMDBError) {
    checkThread()
    if !isChild { try environment.apply(sync) }
    isLive = false
    do throws(LMDBError) {
      // Whatever it answers, the transaction is gone afterwards.
      unsafe try Calls.commit(pointer)
    } catch {
      environment.changes.rewind(to: mark)
      environment.handles.discard(opened.takeLevel())
      if !isChild { environment.finishWrite() }
      throw error
    }
    if isChild { opened.mergeLevel() } else { environment.finishWrite() }
  }

  /// Undoes the changes. The same happens when the value just goes.
  ///
  /// LMDB: `mdb_txn_abort`.
  public consuming func abort() {}

  /// A savepoint, to be committed into this transaction or aborted alone. This one must rest meanwhile.
  package func beginChild() throws(LMDBError) -> WriteTransaction {
    checkThread()
    let child = unsafe try Calls.begin(environment.handle, parent: pointer, readOnly: false)
    opened.addLevel()
    return unsafe WriteTransaction(environment, child, isChild: true)
  }

  /// Runs `body` in a child transaction: its changes are kept if it returns, undone if it throws.
  ///
  /// ```swift
  /// try transaction.child { try $0.put("1", for: "a", in: database) }
  /// ```
  ///
  /// While the body runs, using the parent throws `badTransaction`.
  ///
  /// LMDB: `mdb_txn_begin` with a parent.
  @discardableResult
  public func child<R, E: Error>(_ body: (borrowing WriteTransaction) throws(E) -> R) throws -> R {
    let child = try beginChild()
    let result = try body(child)
    try child.commit()
    return result
  }

  func checkThread() {
    precondition(
      thread == ThreadIdentity.current,
      "A write transaction was used on another thread than the one that began it. Do not hold it across an await."
    )
  }
}

extension Environment {
  /// Runs `body` in the write transaction, and commits what it did unless it throws.
  ///
  /// Waits until no other transaction writes, in this process or another. The body must not call `write` again: that
  /// throws ``LMDBError/Code/nestedWrite``; use ``WriteTransaction/child(_:)``.
  ///
  /// - Throws: what `body` throws, unchanged, after everything is undone; otherwise ``LMDBError``.
  ///
  /// LMDB: `mdb_txn_begin`, `mdb_txn_commit`, `mdb_txn_abort`.
  @discardableResult
  @available(*, noasync, message: "a write transaction blocks its thread and must not change it; run it on a thread")
  public func write<R, E: Error>(
    sync: SyncMode? = nil,
    _ body: (borrowing WriteTransaction) throws(E) -> R
  ) throws -> R {
    let transaction = try beginWrite()
    let result = try body(transaction)
    try transaction.commit(sync ?? configuration.sync)
    return result
  }

  /// The write transaction, for what does not fit in a closure. The caller keeps to its thread.
  ///
  /// Where another process has made the file larger than the map, it waits until this process's readers have ended. With a
  /// companion it throws `mapInUse` at once: the caller has a lock of the companion's, for which all processes wait, and
  /// calls ``adoptLargerMap(patience:)`` when he has given that up.
  package func beginWrite() throws(LMDBError) -> WriteTransaction {
    try checkMayWrite()
    guard !isReadOnly else { throw LMDBError(.readOnly, "begin a write transaction in \(path)") }
    if companion == nil { try growIfNeeded() }
    while true {
      writerTurn.take()
      do throws(LMDBError) {
        return unsafe WriteTransaction(self, try handles.beginWrite(self), isChild: false)
      } catch {
        writerTurn.giveUp()
        guard error.code == .mapResized else { throw error }
      }
      try adoptLargerMap(patience: companion == nil ? configuration.patience : 0)
    }
  }

  package var forkedError: LMDBError { LMDBError(.forked, "begin a transaction") }

  /// Throws `nestedWrite` inside a write transaction of this thread, and `forked` in a forked child.
  package func checkMayWrite() throws(LMDBError) {
    guard !isForked else { throw forkedError }
    guard !isWritingOnThisThread else { throw LMDBError(.nestedWrite, "begin a write transaction in \(path)") }
  }

  /// Sets LMDB's flags for the commit that follows. They are read at commit, by the holder of the write lock: us.
  fileprivate func apply(_ sync: SyncMode) throws(LMDBError) {
    guard currentSync != sync else { return }
    unsafe try Calls.setFlags(handle, currentSync.flags, on: false)
    unsafe try Calls.setFlags(handle, sync.flags, on: true)
    currentSync = sync
  }

  /// Gives to everybody what the transaction opened and kept, and the turn to the next.
  fileprivate func finishWrite() {
    changes.reset()
    handles.endWrite(keeping: openedDatabases.takeAll())
    readPool.leaveAsWriter()
    writerTurn.giveUp()
  }
}
