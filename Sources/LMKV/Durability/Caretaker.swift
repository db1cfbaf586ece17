internal import LMDB
internal import Logging
internal import Synchronization

/// Looks after a store's way to the disk, on the threads that all stores share: it flushes relaxed commits when they are due,
/// makes checkpoints before the log is full, and cleans up when nothing was written for a while.
///
/// Each process has one for each environment. What one process has left undone, because it was killed, another one
/// finds at its next look, two seconds later at most.
final class Caretaker: MaintenanceTask, @unchecked Sendable {
  private struct Own {
    /// What it looks after. Nil before the start and after the end.
    var target: Target?
    /// The last transaction at some look, and when that was.
    var lastSeen: (transaction: UInt64, since: UInt64) = (0, 0)
  }

  private struct Target {
    weak var environment: Environment?
    unowned let persistence: Persistence
  }

  private static let slowest = Duration.seconds(2)
  private static let slowestWhenDirty = Duration.milliseconds(250)
  /// The file grows as long as the pin does not move on.
  private static let slowestWhenGrowing = Duration.milliseconds(5)

  private let own = Mutex(Own())
  /// Whether it is to look at once.
  private let isHurried = Atomic(false)

  func start(_ environment: Environment, _ persistence: Persistence) {
    own.withLock { $0.target = Target(environment: environment, persistence: persistence) }
    look(after: Self.slowest)
  }

  /// Does not use the environment any more when this returns.
  func stop() {
    own.withLock { $0.target = nil }
    unschedule()
  }

  /// Notes a relaxed commit. Under the turn.
  func noteCommit(_ state: SharedState, flushWithin interval: Duration) {
    guard state[.flushDue] == 0 || state[.flushInterval] > interval.nanoseconds else { return }
    // A quarter of the interval is for the flush itself.
    let delay = interval.nanoseconds / 4 * 3
    state[.flushInterval] = interval.nanoseconds
    state[.flushDue] = MonotonicClock.nanoseconds + delay
    look(after: .nanoseconds(Int64(clamping: delay)))
  }

  /// Looks at once. What it was to do later it does then.
  func hurry() {
    guard !isHurried.load(ordering: .relaxed) else { return }
    isHurried.store(true, ordering: .relaxed)
    look(after: .zero)
  }

  private func look(after delay: Duration) {
    // Without a thread the commits themselves do what has to be done, when the log is full or the store closes.
    try? schedule(after: delay)
  }

  // MARK: On a maintenance thread

  override func run() -> Duration? {
    isHurried.store(false, ordering: .relaxed)
    // The environment is held for the length of one look only, so that closing the store can close the files.
    guard let target = own.withLock({ $0.target }), let environment = target.environment else { return nil }
    do {
      return try look(target.persistence, environment)
    } catch {
      // After a sync that failed commits fail. Anything else may be otherwise at the next look.
      target.persistence.options.logger.error(
        "Commits could not be brought to the disk: \(error)",
        metadata: ["store": "\(target.persistence.directory)"]
      )
      return Self.slowest
    }
  }

  /// Does what is due. Returns after how long to look again.
  private func look(_ persistence: Persistence, _ environment: Environment) throws -> Duration {
    guard let state = persistence.state else { return Self.slowest }
    if persistence.hasPin.load(ordering: .relaxed) { try persistence.dropStalePin(environment) }
    guard state.flag(.isDirty), !state.flag(.isBroken) else {
      persistence.closeFilesIfClean()
      // Perhaps there is room again.
      if persistence.isRoomShort.load(ordering: .relaxed) { persistence.noteRoom() }
      return Self.slowest
    }
    persistence.noteRoom()
    let now = MonotonicClock.nanoseconds
    let due = state[.flushDue]
    let idle = idleTime(state, now)
    if due != 0, due <= now {
      try persistence.flush(environment)
    } else if idle >= persistence.limits.idle {
      try persistence.clean(environment, unlessAfter: state[.lastTransaction])
    } else if try isCheckpointDue(state, persistence, environment) {
      try persistence.checkpointInBackground(environment)
    } else if idle > 0, !persistence.isPinned(environment) {
      // Who pinned the checkpoint's pages has died, or has closed the store.
      try persistence.checkpointInBackground(environment)
    }
    return persistence.standsStill ? Self.slowestWhenGrowing : Self.slowestWhenDirty
  }

  /// For how long nothing was committed, as far as was seen.
  private func idleTime(_ state: SharedState, _ now: UInt64) -> UInt64 {
    let last = state[.lastTransaction]
    return own.withLock { own in
      if own.lastSeen.transaction != last { own.lastSeen = (last, now) }
      return now - own.lastSeen.since
    }
  }

  private func isCheckpointDue(
    _ state: SharedState,
    _ persistence: Persistence,
    _ environment: Environment
  ) throws -> Bool {
    if persistence.isLogHalfFull(state) { return true }
    return try persistence.keptSize(environment) > persistence.limits.maxKept
  }
}
