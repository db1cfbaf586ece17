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
  private let pointer: OpaquePointer

  init(_ environment: Environment) throws(LMDBError) {
    self.environment = environment
    unsafe pointer = try environment.beginRead()
  }

  deinit {
    unsafe environment.endRead(pointer)
  }

  package var raw: RawTransaction { unsafe RawTransaction(pointer: pointer, recorder: nil) }

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

  fileprivate func beginRead() throws(LMDBError) -> OpaquePointer {
    guard !isForked else { throw LMDBError(.forked, "begin a transaction") }
    var deadline: Deadline?
    while true {
      // A thread that writes must not wait for a change of the map's size, which waits for it.
      let idle = unsafe readPool.take(atOnce: isWritingOnThisThread)
      do throws(LMDBError) {
        guard let idle = unsafe idle else { return unsafe try Calls.begin(handle, parent: nil, readOnly: true) }
        unsafe try Calls.renew(idle)
        return unsafe idle
      } catch {
        if let idle = unsafe idle { unsafe Calls.abort(idle) }
        unsafe readPool.giveBack(nil)
        let limit = deadline ?? Deadline(after: configuration.patience)
        deadline = limit
        guard !limit.isPast else { throw error }
        switch error.code {
        case .mapResized:
          try adoptLargerMap()
        case .readersFull:
          // Free what can be freed, and wait for other readers to end.
          readPool.drain()
          if unsafe try Calls.sweepReaders(handle) == 0 { usleep(1_000) }
        default:
          throw error
        }
      }
    }
  }

  /// A snapshot that keeps pages from being used again and does not keep the environment: whoever takes it gives it
  /// back with ``endPin(_:)`` before the environment goes.
  package func beginPin() throws(LMDBError) -> Pin {
    unsafe Pin(pointer: try beginRead())
  }

  package func endPin(_ pin: Pin) {
    unsafe endRead(pin.pointer)
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
    let transaction = unsafe try beginRead()
    let number: UInt32?
    do throws(LMDBError) {
      number = unsafe try Calls.openDatabase(transaction, name: name, flags: [])
    } catch {
      unsafe endRead(transaction)
      throw error
    }
    guard let number else {
      unsafe endRead(transaction)
      return nil
    }
    defer { unsafe readPool.giveBack(nil) }
    // Committing, unlike aborting or resetting, keeps the handle.
    unsafe try Calls.commit(transaction)
    return number
  }

  fileprivate func endRead(_ transaction: OpaquePointer) {
    // In a forked child the slot is the parent's.
    guard !isForked else { return }
    unsafe Calls.reset(transaction)
    unsafe readPool.giveBack(transaction)
  }
}

/// A snapshot by itself. See ``Environment/beginPin()``.
// Used by one thread at a time, which LMDB allows to be another one each time.
@safe package struct Pin: @unchecked Sendable {
  fileprivate let pointer: OpaquePointer

  package var raw: RawTransaction { unsafe RawTransaction(pointer: pointer, recorder: nil) }
}
