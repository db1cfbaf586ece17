internal import ControlPage
internal import LMDB
internal import Logging
internal import Synchronization

/// Looks every second at who reads, on the threads that all stores share: it sweeps dead readers, reports long ones, ends
/// snapshots that are over their limit, and says for whom this process has been waiting.
///
/// It does so in processes that write, from their first transaction on, for only they have the harm of long readers; and in
/// those that limit the age of their snapshots. While nobody writes or reads it rests.
final class ReaderWatch: MaintenanceTask, @unchecked Sendable {
  private struct State {
    /// What it looks at. Nil before the start and after the end.
    var target: Target?
    var look = ReaderLook()
    var leases: [ObjectIdentifier: SnapshotLease] = [:]
    var interval = ReaderWatch.interval
  }

  private struct Target {
    weak var environment: Environment?
    unowned let persistence: Persistence
  }

  private static let interval = Duration.seconds(1)

  private let state = Mutex(State())
  private let isStarted = Atomic(false)

  @inline(__always)
  func start(_ environment: Environment, _ persistence: Persistence) {
    if !isStarted.load(ordering: .relaxed) { startLooking(environment, persistence) }
  }

  private func startLooking(_ environment: Environment, _ persistence: Persistence) {
    guard !isStarted.exchange(true, ordering: .relaxed) else { return }
    state.withLock { $0.target = Target(environment: environment, persistence: persistence) }
    do {
      try schedule(after: Self.interval)
    } catch {
      // Writers still sweep when the file grows, and uses of a snapshot that is too old still throw.
      persistence.options.logger.warning(
        "Nobody watches the readers: \(error)",
        metadata: ["store": "\(persistence.directory)"]
      )
    }
  }

  /// Does not use the environment any more when this returns.
  func stop() {
    state.withLock { $0.target = nil }
    unschedule()
    isStarted.store(false, ordering: .relaxed)
  }

  /// Ends a snapshot when it is over its limit, until it is removed.
  func add(_ lease: SnapshotLease, limit: Duration) {
    let interval = state.withLock { state in
      state.leases[ObjectIdentifier(lease)] = lease
      state.interval = min(state.interval, max(.milliseconds(10), limit / 4))
      return state.interval
    }
    // Should there be no thread, the use of a snapshot that is too old still throws.
    try? schedule(after: interval)
  }

  func remove(_ lease: SnapshotLease) {
    _ = state.withLock { $0.leases.removeValue(forKey: ObjectIdentifier(lease)) }
  }

  // MARK: On a maintenance thread

  override func run() -> Duration? {
    let (target, leases, interval, before) = state.withLock {
      ($0.target, Array($0.leases.values), $0.interval, $0.look)
    }
    // The environment is held for the length of one look only, so that closing the store can close the files.
    guard let target, let environment = target.environment else { return nil }
    for lease in leases { lease.expire() }
    var look = before
    look.take(environment, target.persistence)
    state.withLock { $0.look = look }
    if !leases.isEmpty || !look.isQuiet { return interval }
    // The next transaction starts it again.
    isStarted.store(false, ordering: .relaxed)
    return nil
  }
}
