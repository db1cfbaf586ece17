internal import LMDB
internal import LMDBPlatform
internal import Synchronization

/// Something that is to be done for an open store from time to time, by the ``MaintenanceThreads`` of the process.
// What is `var` is used under the lock of the threads.
class MaintenanceTask: @unchecked Sendable {
  @safe @exclusivity(unchecked) fileprivate final var next: ContinuousClock.Instant?
  @safe @exclusivity(unchecked) fileprivate final var isRunning = false
  @safe @exclusivity(unchecked) fileprivate final var isStopped = false

  /// Does what is due. Never runs twice at once.
  ///
  /// - Returns: after how long to do it again; nil: when somebody asks for it.
  func run() -> Duration? { nil }

  /// Has it run after a time, if it is not to run sooner anyway.
  ///
  /// - Throws: ``LMKVError`` with `systemLimit` when the system has not even one thread to give.
  final func schedule(after delay: Duration) throws {
    try MaintenanceThreads.shared.schedule(self, after: delay)
  }

  /// Forgets when it was to run. It does not run any more when this returns, until it is scheduled again.
  final func unschedule() {
    MaintenanceThreads.shared.unschedule(self)
  }
}

/// The threads that look after all open stores of this process: they flush, make checkpoints, and watch the readers.
///
/// One of them sleeps until the next task is due. When it runs that task another one takes its place, and is started if there
/// is none: a store whose disk is slow delays the others only when ``most`` of them are at it. Nothing runs for a store that
/// needs nothing, but for a look at its control page every two seconds, at the same moment for all.
final class MaintenanceThreads: Sendable {
  /// How many there are at most.
  static let most = 16

  fileprivate struct Due {
    let moment: ContinuousClock.Instant
    let task: MaintenanceTask

    /// Whether the task is still to run at that moment, and not at another one.
    var isValid: Bool { task.next == moment && !task.isRunning }
  }

  fileprivate struct State {
    /// Tasks that do not run now, the next one last. Entries that are not valid any more go when they come to the end.
    private(set) var due: [Due] = []
    var threads = 0
    /// How many of them run nothing.
    var idle = 0

    mutating func insert(_ new: Due) {
      var (low, high) = (0, due.count)
      while low < high {
        let middle = (low + high) / 2
        if due[middle].moment > new.moment { low = middle + 1 } else { high = middle }
      }
      due.insert(new, at: low)
    }

    /// When the next task is to run.
    mutating func first() -> ContinuousClock.Instant? {
      while let first = due.last {
        if first.isValid { return first.moment }
        due.removeLast()
      }
      return nil
    }

    /// Takes the next task if it is due.
    mutating func takeFirst() -> MaintenanceTask? {
      guard let first = first(), first <= .now else { return nil }
      return due.popLast()?.task
    }
  }

  /// A thread that had nothing to do for so long ends, if it is not the only one, or nothing is to be done at all.
  private static let patience = Duration.seconds(5)
  /// What is not to be done within a second is done together with other such tasks.
  private static let grain = Duration.milliseconds(250)
  private static let start = ContinuousClock.now

  private let monitor = Monitor(State())

  private static let current = Mutex<(forks: Int, threads: MaintenanceThreads)>((0, MaintenanceThreads()))

  /// Those of this process: a forked child has none of its parent's.
  static var shared: MaintenanceThreads {
    current.withLock { current in
      if current.forks != ForkGuard.generation { current = (ForkGuard.generation, MaintenanceThreads()) }
      return current.threads
    }
  }

  private static func moment(after delay: Duration) -> ContinuousClock.Instant {
    let moment = ContinuousClock.now + delay
    guard delay >= .seconds(1) else { return moment }
    return start + grain * Int((start.duration(to: moment) / grain).rounded(.up))
  }

  fileprivate func schedule(_ task: MaintenanceTask, after delay: Duration) throws {
    let moment = Self.moment(after: delay)
    let needsThread = monitor.signalAfter { state in
      guard task.next.map({ moment < $0 }) ?? true else { return false }
      task.isStopped = false
      task.next = moment
      // One that runs now is put there when it is done.
      if !task.isRunning { state.insert(Due(moment: moment, task: task)) }
      return state.addThread()
    }
    if needsThread { try startThread() }
  }

  fileprivate func unschedule(_ task: MaintenanceTask) {
    // Before the wait: who schedules it anew meanwhile, because the store was opened again, is not to be undone.
    monitor.withLock { _ in
      task.next = nil
      task.isStopped = true
    }
    monitor.waitUntil({ _ in !task.isRunning }) { _ in }
  }

  private func startThread() throws {
    do {
      try Threads.start { [self] in serve() }
    } catch {
      let isOnly = monitor.withLock { state in
        state.threads -= 1
        return state.threads == 0
      }
      if isOnly { throw error }
    }
  }

  private func serve() {
    while let task = next() {
      let again = task.run()
      monitor.signalAfter { state in
        task.isRunning = false
        if let again, !task.isStopped {
          let moment = Self.moment(after: again)
          task.next = task.next.map { min($0, moment) } ?? moment
        }
        if let next = task.next { state.insert(Due(moment: next, task: task)) }
      }
    }
  }

  /// Waits for the next task that is due. Nil when this thread is not needed any more.
  private func next() -> MaintenanceTask? {
    monitor.withLock { $0.idle += 1 }
    let end = ContinuousClock.now + Self.patience
    while true {
      let first = monitor.withLock { $0.first() }
      let limit = .now < end ? min(first ?? end, end) : first ?? end
      monitor.wait(until: limit) { state in state.due.last.map { $0.moment < limit } ?? false }
      let (task, isNeeded, needsThread) = monitor.withLock { state in state.take(isPatient: .now < end) }
      if needsThread { try? startThread() }
      if let task { return task }
      if !isNeeded { return nil }
    }
  }
}

extension MaintenanceThreads.State {
  /// Whether one more thread is to be started, which then counts.
  fileprivate mutating func addThread() -> Bool {
    guard idle == 0, threads < MaintenanceThreads.most else { return false }
    threads += 1
    return true
  }

  /// Takes the first task if it is due. By an idle thread.
  fileprivate mutating func take(isPatient: Bool) -> (task: MaintenanceTask?, isNeeded: Bool, needsThread: Bool) {
    if let task = takeFirst() {
      task.next = nil
      task.isRunning = true
      idle -= 1
      return (task, true, first() != nil && addThread())
    }
    if isPatient || idle == 1 && first() != nil { return (nil, true, false) }
    idle -= 1
    threads -= 1
    return (nil, false, false)
  }
}
