internal import ControlPage
internal import LMDB
internal import Logging
internal import Synchronization

/// A thread that looks every second at who reads: it sweeps dead readers, reports long ones, ends snapshots that are
/// over their limit, and says for whom this process has been waiting.
///
/// It is there in processes that write, from their first transaction on, for only they have the harm of long readers;
/// and in those that limit the age of their snapshots.
final class ReaderWatch: Sendable {
  private struct State {
    /// What it looks at. Nil before the start and after the end.
    var target: Target?
    /// One more at each start and end, so that a thread knows whether it is still meant.
    var generation = 0
    var isWorking = false
    var leases: [ObjectIdentifier: SnapshotLease] = [:]
    var interval = ReaderWatch.interval
  }

  private struct Target {
    weak var environment: Environment?
    unowned let persistence: Persistence
  }

  private static let interval = Duration.seconds(1)

  private let monitor = Monitor(State())
  private let isStarted = Atomic(false)

  @inline(__always)
  func start(_ environment: Environment, _ persistence: Persistence) {
    if !isStarted.load(ordering: .relaxed) { startThread(environment, persistence) }
  }

  private func startThread(_ environment: Environment, _ persistence: Persistence) {
    guard !isStarted.exchange(true, ordering: .relaxed) else { return }
    let generation = monitor.withLock { state in
      state.target = Target(environment: environment, persistence: persistence)
      state.generation += 1
      return state.generation
    }
    do {
      try Threads.start { [self] in serve(generation) }
    } catch {
      // Writers still sweep when the file grows, and uses of a snapshot that is too old still throw.
      persistence.options.logger.warning(
        "Nobody watches the readers: \(error)",
        metadata: ["store": "\(persistence.directory)"]
      )
    }
  }

  /// Ends the thread. It does not use the environment any more when this returns.
  func stop() {
    monitor.waitUntil({ !$0.isWorking }) { state in
      state.target = nil
      state.generation += 1
    }
    monitor.signalAfter { _ in }
    isStarted.store(false, ordering: .relaxed)
  }

  /// Ends a snapshot when it is over its limit, until it is removed.
  func add(_ lease: SnapshotLease, limit: Duration) {
    let isSooner = monitor.withLock { state in
      state.leases[ObjectIdentifier(lease)] = lease
      let interval = max(.milliseconds(10), min(Self.interval, limit / 4))
      defer { state.interval = min(state.interval, interval) }
      return interval < state.interval
    }
    if isSooner { monitor.signalAfter { _ in } }
  }

  func remove(_ lease: SnapshotLease) {
    _ = monitor.withLock { $0.leases.removeValue(forKey: ObjectIdentifier(lease)) }
  }

  // MARK: The thread

  private func serve(_ generation: Int) {
    var look = ReaderLook()
    while true {
      let interval = monitor.withLock { $0.interval }
      monitor.wait(until: .now + interval) { $0.generation != generation || $0.interval < interval }
      let (target, leases) = monitor.withLock { state -> (Target?, [SnapshotLease]) in
        guard state.generation == generation else { return (nil, []) }
        state.isWorking = true
        return (state.target, Array(state.leases.values))
      }
      guard let target else { return }
      // The environment is held for the length of one look only, so that closing the store can close the files.
      let isThere = work(target, leases, &look)
      monitor.signalAfter { $0.isWorking = false }
      if !isThere { return }
    }
  }

  private func work(_ target: Target, _ leases: [SnapshotLease], _ look: inout ReaderLook) -> Bool {
    guard let environment = target.environment else { return false }
    for lease in leases { lease.expire() }
    look.take(environment, target.persistence)
    return true
  }
}
