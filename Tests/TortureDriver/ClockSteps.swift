import FormatCheck
import Foundation
import LMDB
import LMKV
import PowerSimulation
import SteppedClock
import TestSupport

/// The computer's clock of all processes of this run, which is set again and again. See `SteppedClock`.
struct ClockSteps {
  /// The latest that it ever was, as the distance from the true one.
  private var furthest = stepped_clock_offset()

  /// From now on all processes that are started have the clock in common.
  static func share(in directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    stepped_clock_share(directory + "/clock")
  }

  /// Sets it forward or back, by milliseconds or by hours.
  mutating func step(_ chance: inout Chance) {
    let longest = [50, 1_000, 60_000, 7_200_000][chance.below(4)]
    let length = Int64(1 + chance.below(longest)) * 1_000_000
    stepped_clock_step(chance.once(in: 2) ? length : -length)
    furthest = max(furthest, stepped_clock_offset())
  }

  /// Sets it forward to the latest that it ever was: what had expired once has expired again.
  mutating func settle() {
    stepped_clock_step(furthest - stepped_clock_offset())
  }
}

extension Roles {
  /// Waits for all that has an end by time, while the clock is set: nothing ends early, and nothing late by the step.
  static func waits(_ path: String) throws {
    for step in [-3_600, 3_600] as [Int64] {
      try waitOnMonitor(step)
      try waitForWriter(path, step)
      try waitForFlush(path, step)
    }
  }

  /// Runs something that is to take so long at least, and sets the clock when it has begun.
  private static func timed(_ step: Int64, atLeast least: Duration, _ body: () throws -> Void) rethrows -> Bool {
    let start = ContinuousClock.now
    Thread.detachNewThread {
      usleep(50_000)
      stepped_clock_step(step * 1_000_000_000)
    }
    try body()
    return ContinuousClock.now - start >= least
  }

  private static func waitOnMonitor(_ step: Int64) throws {
    let monitor = Monitor(false)
    let isWhole = timed(step, atLeast: .milliseconds(200)) {
      monitor.wait(until: .now + .milliseconds(200)) { $0 }
    }
    guard isWhole else { throw Fault("a wait ended early when the clock was set by \(step) s") }
  }

  private static func waitForWriter(_ path: String, _ step: Int64) throws {
    let store = try Store(path: path)
    let (begun, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let writer = Thread {
      try? store.transaction { _ in
        begun.signal()
        end.wait()
      }
    }
    writer.start()
    begun.wait()
    let isWhole = try timed(step, atLeast: .milliseconds(200)) {
      do {
        try store.transaction(timeout: .milliseconds(200)) { _ in }
        throw Fault("a transaction began while another one was running")
      } catch let error as LMKVError where error.code == .timedOut {}
    }
    end.signal()
    guard isWhole else { throw Fault("a timeout came early when the clock was set by \(step) s") }
    try store.close()
  }

  /// What was committed without a sync comes to the disk, and what is beside the data is put away, though the clock is
  /// set when the thread that does it sleeps.
  private static func waitForFlush(_ path: String, _ step: Int64) throws {
    let store = try Store(path: path, configuration: .init(durability: .relaxed(flushEvery: .milliseconds(300))))
    // The first of many commits are made durable by LMDB itself.
    while try !isDirty(path) {
      let count = try store.scope("clock", of: Int.self).increment("n")
      guard count < 100_000 else { throw Fault("all relaxed commits were on the disk at once") }
    }
    usleep(100_000)
    stepped_clock_step(step * 1_000_000_000)
    while try isDirty(path) { usleep(2_000) }
    try store.close()
  }

  /// The first register of the control page: whether there are commits that are not in LMDB's file for good.
  private static func isDirty(_ path: String) throws -> Bool {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path + "/control"))
    defer { try? file.close() }
    try file.seek(toOffset: 512)
    return try file.read(upToCount: 8)?.contains { $0 != 0 } ?? false
  }
}
