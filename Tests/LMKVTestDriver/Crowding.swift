import Foundation
import LMKV
import Synchronization

/// What a crowd at one lock costs. By hand, with a directory and one store for all:
///
///     LMKVTestDriver lock-tasks STORE 1000
///     LMKVTestDriver lock-threads STORE 400
///     LMKVTestDriver lock-processes STORE 8 125
///     LMKVTestDriver lock-idle STORE 200 5
///     LMKVTestDriver stop-writing STORE & sleep 1; LMKVTestDriver try-lock STORE; kill -9 %1
extension Driver {
  /// TASKS: each takes the lock once, with an empty body.
  static func crowdTasks(_ path: String, _ arguments: [String]) async throws {
    let store = try Store(path: path)
    try await crowd(store, tasks: number(arguments, 0))
    try store.close()
  }

  private static func crowd(_ store: Store, tasks: Int) async throws {
    let lock = store.lock("crowd")
    let cost = Cost()
    try await withThrowingTaskGroup { group in
      for _ in 0..<tasks { group.addTask { try await lock.async.withLock {} } }
      try await group.waitForAll()
    }
    say("\(tasks) tasks: \(cost)")
  }

  /// THREADS: each takes the lock once, with an empty body.
  static func crowdThreads(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    let lock = store.lock("crowd")
    let cost = Cost()
    let count = number(arguments, 0)
    try threads(count) { try lock.withLock {} }
    say("\(count) threads: \(cost)")
    try store.close()
  }

  /// PROCESSES TASKS: as many processes at once, each with as many tasks.
  static func crowdProcesses(_ path: String, _ arguments: [String]) throws {
    let cost = Cost()
    let processes = try (0..<number(arguments, 0)).map { _ in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      process.arguments = ["lock-tasks", path, arguments[1]]
      try process.run()
      return process
    }
    for process in processes { process.waitUntilExit() }
    say("\(processes.count) processes: \(cost), with their start")
  }

  /// THREADS SECONDS: as many wait for a lock for so long that this thread has.
  static func crowdIdly(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    let lock = store.lock("crowd")
    let (count, seconds) = (number(arguments, 0), number(arguments, 1))
    let held = try lock.lock()
    let waiting = Thread { try? threads(count) { try lock.withLock {} } }
    waiting.start()
    while try store.coordinationInfos().last?.waiters.count != count { usleep(1_000) }
    let cost = Cost()
    sleep(UInt32(seconds))
    say("\(count) waiting threads: \(cost)")
    held.unlock()
    while try store.coordinationInfos().count > 1 { usleep(1_000) }
    try store.close()
  }

  /// Stops itself in the middle of a transaction.
  static func stopWriting(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    try store.transaction { tx in
      try tx["held"].set("half", "done")
      say("stopping")
      raise(SIGSTOP)
    }
    try store.close()
  }

  /// Tries to take a lock that nobody has, and says what came of it and how long that took.
  static func tryLock(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    let cost = Cost()
    let held = try store.lock("free").tryLock()
    say("tryLock: \(held == nil ? "not free" : "taken"), \(cost)")
    held?.unlock()
  }

  private static func threads(_ count: Int, _ body: @escaping @Sendable () throws -> Void) throws {
    let failure = Mutex<(any Error)?>(nil)
    let group = DispatchGroup()
    for _ in 0..<count {
      group.enter()
      let thread = Thread {
        do { try body() } catch { failure.withLock { $0 = error } }
        group.leave()
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
    group.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Time, and what of it the processor was at work for this process, since it was made.
  private struct Cost: CustomStringConvertible {
    private let start = nanoseconds
    private let startOfWork = Self.work

    private static var work: Double {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    var description: String {
      let (time, work) = (Double(nanoseconds - start) / 1e9, Self.work - startOfWork)
      let share = time > 0 ? work / time * 100 : 0
      return String(format: "%.4f s, %.4f s of work (%.2f %% of a core)", time, work, share)
    }
  }
}
