internal import LMDB
internal import LMDBPlatform
internal import Synchronization

/// The limit of a snapshot's age: it can be ended by another thread while its own does not use it.
///
/// Each use enters and leaves. Who wants to end it must find it idle, and a use that finds it ended throws.
// `pins` and `depth` belong to whoever has changed `state` from idle: the snapshot's thread, or the one that ends it.
// The environment outlives the lease's use: the snapshot has it, and so has the watch while it looks.
final class SnapshotLease: @unchecked Sendable {
  private enum State {
    static let idle = 0
    static let inUse = 1
    static let isExpiring = 2
    static let expired = 3
    static let ended = 4
  }

  private let path: String
  private let limit: Duration
  private let end: UInt64
  private unowned let environment: Environment
  private let state = Atomic(State.idle)
  private var pins: [Pin] = []
  private var depth = 0

  init(_ store: Store, _ environment: Environment, limit: Duration) {
    path = store.path
    self.limit = limit
    self.environment = environment
    end = CoarseClock.nanoseconds + limit.nanoseconds
  }

  /// One more transaction of the snapshot. By its thread.
  func add(_ pin: Pin) {
    pins.append(pin)
  }

  func enter() throws(LMKVError) {
    if depth > 0 {
      depth += 1
      return
    }
    guard change(State.idle, State.inUse) else { throw tooOld }
    guard CoarseClock.nanoseconds < end else {
      expireAll()
      throw tooOld
    }
    depth = 1
  }

  func leave() {
    depth -= 1
    if depth == 0 { state.store(State.idle, ordering: .releasing) }
  }

  /// Ends the snapshot if it is too old and nobody uses it at the moment. By another thread.
  func expire() {
    guard CoarseClock.nanoseconds >= end, change(State.idle, State.isExpiring) else { return }
    expireAll()
  }

  /// The snapshot ends by itself: nobody else touches its transactions after that.
  func finish() {
    while !change(State.idle, State.ended) {
      if state.load(ordering: .acquiring) == State.expired { return }
      sched_yield()
    }
  }

  private func expireAll() {
    for pin in pins { environment.expire(pin) }
    state.store(State.expired, ordering: .releasing)
  }

  private func change(_ old: Int, _ new: Int) -> Bool {
    state.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
  }

  private var tooOld: LMKVError {
    LMKVError(
      .snapshotTooOld,
      "A snapshot of the store \(path) was open for longer than maxSnapshotAge (\(limit)), and was ended so that the "
        + "space it kept can be used again. Read in shorter pieces, or raise maxSnapshotAge."
    )
  }
}
