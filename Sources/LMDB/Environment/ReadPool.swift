internal import LMDBPlatform
internal import Synchronization

/// The environment's read transactions: idle ones to be renewed, and the count of living ones.
///
/// A renewed transaction costs a fifth of a new one and takes no lock between processes. The count is what a change of
/// the map's size waits for: LMDB moves the map, and nobody may hold a pointer into it meanwhile.
@safe final class ReadPool: Sendable {
  /// `OpaquePointer`s in here are idle `MDB_txn`s. With `MDB_NOTLS` any thread may renew one, and the mutex hands each
  /// to one thread at a time: that is what makes sending them right.
  @safe private struct State: @unchecked Sendable {
    var idle: [OpaquePointer] = unsafe []
    var living = 0
    var isResizing = false
  }

  private static let capacity = 64
  private let state = Mutex(State())

  /// Takes an idle transaction, or nil where a new one must begin. Either way one more counts as living.
  func take() -> OpaquePointer? {
    while true {
      let taken: (isAllowed: Bool, idle: UInt) = state.withLock { state in
        guard !state.isResizing else { return (false, 0) }
        state.living += 1
        return (true, UInt(bitPattern: unsafe state.idle.popLast()))
      }
      if taken.isAllowed { return unsafe OpaquePointer(bitPattern: taken.idle) }
      usleep(200)
    }
  }

  /// Gives back a transaction that was reset, or nil where it ended for good.
  func giveBack(_ transaction: OpaquePointer?) {
    let address = UInt(bitPattern: transaction)
    let surplus: UInt = state.withLock { state in
      state.living -= 1
      guard let transaction = unsafe OpaquePointer(bitPattern: address) else { return 0 }
      guard unsafe state.idle.count < Self.capacity else { return address }
      unsafe state.idle.append(transaction)
      return 0
    }
    if let surplus = unsafe OpaquePointer(bitPattern: surplus) { unsafe Calls.abort(surplus) }
  }

  /// Runs `body` while no transaction of this process lives, and lets none begin meanwhile.
  ///
  /// - Returns: false when transactions were still open after `patience` seconds; `body` has not run then.
  func withoutTransactions(patience: Double, _ body: () throws(LMDBError) -> Void) throws(LMDBError) -> Bool {
    let deadline = Deadline(after: patience)
    let isMine = state.withLock { state in
      defer { state.isResizing = true }
      return !state.isResizing
    }
    guard isMine else { return false }
    defer { state.withLock { $0.isResizing = false } }
    while state.withLock({ $0.living }) > 0 {
      if deadline.isPast { return false }
      usleep(200)
    }
    try body()
    return true
  }

  /// Ends all idle transactions; their reader slots become free.
  func drain() {
    let idle: [UInt] = state.withLock { state in
      defer { unsafe state.idle.removeAll() }
      return unsafe state.idle.map { UInt(bitPattern: $0) }
    }
    for address in idle {
      if let transaction = unsafe OpaquePointer(bitPattern: address) { unsafe Calls.abort(transaction) }
    }
  }
}
