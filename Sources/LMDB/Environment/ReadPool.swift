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
    var open = OpenSnapshots()
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

  }

  /// Idle transactions keep their reader slots, so there must be far fewer than slots.
  private let capacity: Int
  private let state = Mutex(State())
  /// Whether the writer, of whom there is one at a time, uses the map. Each of the two asks whether the other is there
  /// after it has said that it is: so the writer needs no lock.
  private let isWriterInside = Atomic(false)
  /// Whether the map's size is to change: the writer stays outside.
  private let isWriterBarred = Atomic(false)
  /// Whom to tell when the oldest open snapshot is another one.
  private let companion: (any EnvironmentCompanion)?

  init(capacity: Int, _ companion: (any EnvironmentCompanion)?) {
    self.capacity = capacity
    self.companion = companion
  }

  /// Takes an idle transaction, or nil where a new one must begin. Either way there is one more user.
  ///
  /// `atOnce` is for a thread that a change of the map's size waits for anyway. The number is that of the open snapshot,
  /// if it counts as one.
  func take(atOnce: Bool, counts: Bool) -> (idle: OpaquePointer?, number: Int) {
    let thread = ThreadIdentity.current
    while true {
      let now = counts ? CoarseClock.nanoseconds : 0
      let taken: (isAllowed: Bool, idle: UInt, number: Int) = state.withLock { state in
        guard !state.isResizing, atOnce || !state.isResizeWanted else { return (false, 0, 0) }
        state.users += 1
        let number = counts ? changeOpen(&state.open) { $0.begin(at: now, by: thread) } : OpenSnapshots.uncounted
        return (true, UInt(bitPattern: unsafe state.idle.popLast()), number)
      }
      if taken.isAllowed { return unsafe (OpaquePointer(bitPattern: taken.idle), taken.number) }
      usleep(200)
    }
  }

  /// How many snapshots are open, and how many of them this thread has begun.
  var openCounts: (all: Int, mine: Int) {
    let thread = ThreadIdentity.current
    return state.withLock { ($0.open.count, $0.open.count(of: thread)) }
  }

  /// Notes that a snapshot pins nothing any more, before it is given back.
  func noteExpired(_ number: Int) {
    state.withLock { state in changeOpen(&state.open) { $0.expire(number) } }
  }

  @inline(__always)
  private func changeOpen<R>(_ open: inout OpenSnapshots, _ change: (inout OpenSnapshots) -> R) -> R {
    let before = open.oldest
    defer { if open.oldest != before { companion?.noteOldestSnapshot(since: open.oldest) } }
    return change(&open)
  }

  /// Gives back a transaction that was reset, or nil where it ended for good.
  func giveBack(_ transaction: OpaquePointer?, _ number: Int) {
    let address = UInt(bitPattern: transaction)
    let surplus: UInt = state.withLock { state in
      state.users -= 1
      changeOpen(&state.open) { $0.end(number) }
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

  /// As ``enter(atOnce:)``, for whoever has the turn to write, and waits where a change of the size is wanted.
  func enterAsWriter() {
    while true {
      isWriterInside.store(true, ordering: .sequentiallyConsistent)
      if !isWriterBarred.load(ordering: .sequentiallyConsistent) { return }
      leaveAsWriter()
      usleep(200)
    }
  }

  func leaveAsWriter() {
    isWriterInside.store(false, ordering: .releasing)
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
    isWriterBarred.store(true, ordering: .sequentiallyConsistent)
    defer {
      isWriterBarred.store(false, ordering: .releasing)
      state.withLock { $0.isResizeWanted = false }
    }
    while !beginResize() {
      if deadline.isPast { return false }
      usleep(200)
    }
    defer { state.withLock { $0.isResizing = false } }
    try body()
    return true
  }

  private func beginResize() -> Bool {
    guard !isWriterInside.load(ordering: .sequentiallyConsistent) else { return false }
    return state.withLock { state in
      guard state.users == 0 else { return false }
      state.isResizing = true
      return true
    }
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
