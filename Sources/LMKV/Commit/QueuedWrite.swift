internal import Synchronization

/// Who runs a body, how often, and how the caller is answered.
enum BodyKind {
  /// Written by the user: runs once.
  case once
  /// A verb of one entry, which is ours: if it throws before its first write nothing was changed, and it may be run
  /// again. So it needs no savepoint of its own in a batch.
  case repeatable
}

/// A transaction that waits for its turn in the ``WriteQueue``.
///
/// Whoever changes its state from `waiting` owns it from then on: the leader that claims it, or the caller that gives up. A
/// leader claims nothing before it has the turn to write, or leaves it to another process: until then every caller can give up.
// `next` and the list belong to the queue's lock. Everything else that changes is used by the owner only; it is handed on
// with acquire and release.
class QueuedWrite: @unchecked Sendable {
  private enum State {
    static let new: UInt8 = 0
    static let waiting: UInt8 = 1
    static let claimed: UInt8 = 2
    static let givenUp: UInt8 = 3
  }

  let store: Store
  let durability: Durability
  let kind: BodyKind
  /// How long its caller waits for others, and until when. ``MonotonicClock``; `.max`: as long as it takes.
  let timeout: Duration?
  let deadline: UInt64
  /// Whether the body must not run on the thread of another caller.
  let needsOwnThread: Bool
  /// Keeps the files open as long as it waits.
  var shared: SharedStore?
  var next: QueuedWrite?
  /// What the body, or the commit, threw.
  var error: (any Error)?
  /// Whether its caller has its answer already. For the leader.
  var isAnswered = false
  private let state = Atomic<UInt8>(State.new)

  init(
    _ store: Store,
    _ shared: SharedStore,
    _ durability: Durability,
    _ kind: BodyKind,
    _ timeout: Duration?,
    needsOwnThread: Bool
  ) {
    self.store = store
    self.shared = shared
    self.durability = durability
    self.kind = kind
    self.timeout = timeout
    deadline = MonotonicClock.moment(after: timeout)
    self.needsOwnThread = needsOwnThread
  }

  private final func change(_ old: UInt8, to new: UInt8) -> Bool {
    state.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
  }

  /// Before it is queued. False when it was given up already.
  final func beginWaiting() -> Bool { change(State.new, to: State.waiting) }

  /// Takes it, to run it.
  final func claim() -> Bool { change(State.waiting, to: State.claimed) }

  /// Lets go of it before it was run: its caller can take it back again.
  final func letGo() { state.store(State.waiting, ordering: .sequentiallyConsistent) }

  /// Takes it back, because its caller waits no longer. False when it has begun.
  final func giveUp() -> Bool {
    state.compareExchange(
      expected: State.waiting,
      desired: State.givenUp,
      ordering: .sequentiallyConsistent
    ).exchanged
  }

  /// Takes it back before it was queued.
  final func giveUpEarly() -> Bool { change(State.new, to: State.givenUp) }

  final var isGivenUp: Bool { state.load(ordering: .relaxed) == State.givenUp }

  /// Whether whoever runs it may have to wait: for the body of a user, or for the disk.
  final var mayBlock: Bool { kind == .once || durability == .full }

  var isTask: Bool { false }

  /// What others could do in its place. Nil where only the body can.
  func plainVerb() -> PlainVerb? { nil }

  /// Whether there is such a verb.
  var isPlain: Bool { false }

  /// Whether another process may do it. Without a sync it is done sooner here than there.
  final var isDelegable: Bool { durability == .full && isPlain }

  /// Keeps what another process has answered, in place of what the body returns.
  func accept(_ answer: Int64) {}

  /// Runs the body and keeps what it returns.
  func run(_ transaction: Transaction) throws {}

  /// Answers the caller: with ``error``, or else with what the body returned. Nothing of the store is kept after that.
  func complete() {}

  /// Makes its caller look whether it can lead.
  func wake(_ queue: WriteQueue) {}

  /// Takes it back because its time is over, unless it has begun. Threads see to that themselves.
  func expire(in queue: WriteQueue) {}

  /// Called when a leader has let go of it: its caller may have wanted to give up meanwhile.
  func didReturn(to queue: WriteQueue) {}
}
