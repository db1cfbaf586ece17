internal import LMDBPlatform

/// A snapshot of the environment: what was committed when the transaction began, and nothing later.
///
/// ```swift
/// let greeting = try environment.read { transaction in
///   try transaction.get("hello", in: words)
/// }
/// ```
///
/// Any number can be open at once, on one thread and on many. A long one keeps the pages that it sees from being used
/// again, so that the file grows while others write. It ends when its value goes.
///
/// LMDB: `MDB_txn` with `MDB_RDONLY`, renewed from a pool.
@safe public struct ReadTransaction: ~Copyable {
  let environment: Environment
  private let pin: Pin

  init(_ environment: Environment) throws(LMDBError) {
    self.environment = environment
    pin = try environment.beginRead(counts: true)
  }

  deinit {
    environment.endPin(pin)
  }

  package var raw: RawTransaction { unsafe pin.raw }

  /// For whoever must end the snapshot before its time. See ``Environment/expire(_:)``.
  package var expirable: Pin { pin }

  /// The ID of the newest transaction that this snapshot surely contains. In rare races it contains newer ones too.
  ///
  /// LMDB: `mdb_txn_id`.
  public var id: UInt64 { unsafe raw.id }
}

extension Environment {
  /// Runs `body` on a snapshot.
  ///
  /// - Throws: what `body` throws; ``LMDBError`` with `readersFull` when no reader slot became free in time, and
  ///   `forked` in a forked child.
  ///
  /// LMDB: `mdb_txn_renew`, `mdb_txn_reset`.
  public func read<R, E: Error>(_ body: (borrowing ReadTransaction) throws(E) -> R) throws -> R {
    let transaction = try beginSnapshot()
    return try body(transaction)
  }

  /// As ``read(_:)``, for bodies that throw nothing but LMDB's errors.
  package func read<R>(_ body: (borrowing ReadTransaction) throws(LMDBError) -> R) throws(LMDBError) -> R {
    let transaction = try beginSnapshot()
    return try body(transaction)
  }

  /// A snapshot that lasts until the returned value goes, for what does not fit in a closure.
  ///
  /// It may be handed to another thread, but used by one at a time.
  public func beginSnapshot() throws(LMDBError) -> ReadTransaction {
    try ReadTransaction(self)
  }

  fileprivate func beginRead(counts: Bool) throws(LMDBError) -> Pin {
    guard !isForked else { throw LMDBError(.forked, "begin a transaction") }
    var deadline: Deadline?
    while true {
      // A thread that writes must not wait for a change of the map's size, which waits for it.
      let (idle, number) = unsafe readPool.take(atOnce: isWritingOnThisThread, counts: counts)
      do throws(LMDBError) {
        guard let idle = unsafe idle else {
          return unsafe Pin(pointer: try Calls.begin(handle, parent: nil, readOnly: true), number: number)
        }
        unsafe try Calls.renew(idle)
        return unsafe Pin(pointer: idle, number: number)
      } catch {
        if let idle = unsafe idle { unsafe Calls.abort(idle) }
        unsafe readPool.giveBack(nil, number)
        let limit = deadline ?? Deadline(after: configuration.patience)
        deadline = limit
        guard !limit.isPast else { throw error.code == .readersFull ? try readersFull().error : error }
        switch error.code {
        case .mapResized:
          try adoptLargerMap(patience: configuration.patience)
        case .readersFull:
          // Free what can be freed, and wait for other readers to end.
          readPool.drain()
          let full = try readersFull()
          if full.isHopeless { throw full.error }
          if try sweepAsCompanionAllows() == 0 { usleep(1_000) }
        default:
          throw error
        }
      }
    }
  }

  /// Who has the slots of a table that is full, and whether nobody but this thread could ever give one back.
  ///
  /// That is so for a layer above whose snapshots end on the thread where they began.
  private func readersFull() throws(LMDBError) -> (error: LMDBError, isHopeless: Bool) {
    let slots = try readers()
    let own = slots.count { $0.processID == getpid() }
    let open = readPool.openCounts
    // One may be the companion's, which keeps it.
    let isHopeless =
      companion != nil && own == slots.count && open.mine == open.all && own <= open.mine + 1 && open.mine > 0
    let sentence = "\(slots.count) are in use, \(own) by this process, \(open.mine) of them by snapshots of this thread"
    return (LMDBError(.readersFull, sentence), isHopeless)
  }

  /// A snapshot that keeps pages from being used again and does not keep the environment: whoever takes it gives it
  /// back with ``endPin(_:)`` before the environment goes.
  package func beginPin() throws(LMDBError) -> Pin {
    try beginRead(counts: false)
  }

  package func endPin(_ pin: Pin) {
    // In a forked child the slot is the parent's.
    guard !isForked else { return }
    unsafe Calls.reset(pin.pointer)
    unsafe readPool.giveBack(pin.pointer, pin.number)
  }

  /// Ends a snapshot before its time: it pins nothing any more, and must not be used except to be ended.
  ///
  /// To be called while nobody uses it. Its cursors may still be closed, and it is still to be ended as always.
  package func expire(_ pin: Pin) {
    guard !isForked else { return }
    unsafe Calls.reset(pin.pointer)
    readPool.noteExpired(pin.number)
  }

  private func sweepAsCompanionAllows() throws(LMDBError) -> Int {
    guard let companion else { return unsafe try Calls.sweepReaders(handle) }
    return try companion.sweepReaders(self)
  }

  /// Lets the map change its size while the pin is kept: nothing may be read through it before ``unparkPin()``.
  package func parkPin() {
    readPool.leave()
  }

  package func unparkPin() {
    readPool.enter(atOnce: true)
  }

  /// Opens a named database in a read transaction of its own. Nil when the file has no such database.
  func openInSnapshot(_ name: String) throws(LMDBError) -> UInt32? {
    let pin = try beginRead(counts: false)
    let number: UInt32?
    do throws(LMDBError) {
      number = unsafe try Calls.openDatabase(pin.pointer, name: name, flags: [])
    } catch {
      endPin(pin)
      throw error
    }
    guard let number else {
      endPin(pin)
      return nil
    }
    defer { unsafe readPool.giveBack(nil, pin.number) }
    // Committing, unlike aborting or resetting, keeps the handle.
    unsafe try Calls.commit(pin.pointer)
    return number
  }
}

/// A snapshot by itself. See ``Environment/beginPin()``.
// Used by one thread at a time, which LMDB allows to be another one each time.
@safe package struct Pin: @unchecked Sendable {
  let pointer: OpaquePointer
  /// Of the open snapshot, for ``ReadPool``.
  fileprivate let number: Int

  package var raw: RawTransaction { unsafe RawTransaction(pointer: pointer, recorder: nil) }
}
