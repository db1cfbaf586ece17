internal import LMDBPlatform
internal import Synchronization

/// The environment's read transactions, idle ones to be renewed, and the gate to its map.
///
/// A renewed transaction costs a fifth of a new one and takes no lock between processes. The gate counts everything
/// that uses the map: LMDB moves the map to change its size, and nobody may hold a pointer into it meanwhile.
@safe final class ReadPool: Sendable {
  /// `OpaquePointer`s in here are idle `MDB_txn`s. With `MDB_NOTLS` any thread may renew one, and the mutex hands each
  /// to one thread at a time: that is what makes sending them right.
  @safe private struct State: @unchecked Sendable {
    var idle: [OpaquePointer] = unsafe []
    /// How many transactions and calls use the map now.
    var users = 0
    /// Somebody waits for the users to leave; who need not begin now shall wait.
    var isResizeWanted = false
    /// The map is being moved.
    var isResizing = false

    mutating func wantResize() -> Bool {
      guard !isResizeWanted else { return false }
      isResizeWanted = true
      return true
    }

    mutating func beginResize() -> Bool {
      guard users == 0 else { return false }
      isResizing = true
      return true
    }
  }

  /// Idle transactions keep their reader slots, so there must be far fewer than slots.
  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Takes an idle transaction, or nil where a new one must begin. Either way there is one more user.
  ///
  /// `atOnce` is for a thread that a change of the map's size waits for anyway.
  func take(atOnce: Bool) -> OpaquePointer? {
    while true {
      let taken: (isAllowed: Bool, idle: UInt) = state.withLock { state in
        guard !state.isResizing, atOnce || !state.isResizeWanted else { return (false, 0) }
        state.users += 1
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
      state.users -= 1
      guard let transaction = unsafe OpaquePointer(bitPattern: address) else { return 0 }
      guard unsafe state.idle.count < capacity else { return address }
      unsafe state.idle.append(transaction)
      return 0
    }
    if let surplus = unsafe OpaquePointer(bitPattern: surplus) { unsafe Calls.abort(surplus) }
  }

  /// Counts one more user of the map, to be ended with ``leave()``.
  func enter(atOnce: Bool) {
    while true {
      let isAllowed = state.withLock { state in
        guard !state.isResizing, atOnce || !state.isResizeWanted else { return false }
        state.users += 1
        return true
      }
      if isAllowed { return }
      usleep(200)
    }
  }

  func leave() {
    state.withLock { $0.users -= 1 }
  }

  /// Runs a short call that looks at the map.
  func withMap<R>(_ body: () throws(LMDBError) -> R) throws(LMDBError) -> R {
    enter(atOnce: true)
    defer { leave() }
    return try body()
  }

  /// Runs `body` while nothing in this process uses the map, one at a time.
  ///
  /// - Returns: false when the map was still in use after `patience` seconds; `body` has not run then.
  func withoutUsers(patience: Double, _ body: () throws(LMDBError) -> Void) throws(LMDBError) -> Bool {
    let deadline = Deadline(after: patience)
    while !state.withLock({ $0.wantResize() }) {
      if deadline.isPast { return false }
      usleep(200)
    }
    defer { state.withLock { $0.isResizeWanted = false } }
    while !state.withLock({ $0.beginResize() }) {
      if deadline.isPast { return false }
      usleep(200)
    }
    defer { state.withLock { $0.isResizing = false } }
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
