import Foundation
import LMKV
import Testing

/// Locks beside a process that was stopped in the middle of a transaction: nothing about them waits for it (B21). Each of
/// these would wait until it is killed, at the end.
@Suite struct StoppedLockTests {
  private func withStoppedWriter(_ body: (Store) async throws -> Void) async throws {
    try await withStore { store in
      let writer = try DriverProcess("stop-writing", store.path)
      try writer.expect("stopping")
      while !isStopped(writer.processID) { usleep(500) }
      try await body(store)
      #expect(isStopped(writer.processID))
      writer.kill()
    }
  }

  private func isStopped(_ process: pid_t) -> Bool {
    let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return status?.split(separator: ") ").last?.first == "T"
  }

  @Test("A lock is taken, refused, waited for and given back")
  func locks() async throws {
    try await withStoppedWriter { store in
      let lock = store.lock("l")
      try await onThreads(1) { _ throws in
        let held = try #require(try lock.tryLock())
        try onThread { () throws in
          #expect(try lock.tryLock() == nil)
          expectError(.timedOut, naming: "l", "\(getpid())") { try lock.withLock(timeout: .milliseconds(1)) {} }
        }
        held.unlock()
        _ = try lock.lock()
        try lock.withLock(timeout: .zero) {}
        #expect(try store.semaphore("s", permits: 2).withPermitIfAvailable { 1 } == 1)
      }
      #expect(try store.coordinationInfos().map(\.kind) == [.write])
    }
  }

  @Test("A task that waits for a lock is cancelled, or out of time, and its claim is gone at once")
  func tasks() async throws {
    try await withStoppedWriter { store in
      let lock = store.lock("l")
      try await lock.async.withLock {
        let waiting = Task { try await lock.async.withLock {} }
        while try store.waiters("l") == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(try store.waiters("l") == 0)
        await expectError(.timedOut) {
          try await Task { try await lock.async.withLock(timeout: .milliseconds(1)) {} }.value
        }
        #expect(try store.waiters("l") == 0)
      }
      #expect(try await lock.async.withLockIfAvailable { 1 } == 1)
    }
  }

  @Test("What was taken can be given back anywhere: in a task, in a transaction, and by its last reference")
  func givingBack() async throws {
    try await withStore { store in
      let lock = store.lock("l")
      func take() throws -> HeldLock { try lock.lock() }
      try take().unlock()
      _ = try take()
      let held = try take()
      try await store.async.transaction { _ in held.unlock() }
      try await lock.async.withLock(timeout: .zero) {}
    }
  }

  @Test(
    "A process that is stopped while it waits keeps its place, and what it then gets; those behind it end their wait in time"
  )
  func stoppedWaiter() throws {
    try withStore { store throws in
      let held = try store.lock("l").lock()
      let stopped = try DriverProcess("lock", store.path, "l")
      try stopped.expect("ready")
      while try store.waiters("l") == 0 { usleep(500) }
      // Not in the middle of a change of the table, of which others are told nothing.
      repeat {
        kill(stopped.processID, SIGCONT)
        usleep(2_000)
        kill(stopped.processID, SIGSTOP)
        while !isStopped(stopped.processID) { usleep(500) }
      } while try store.lock("other").withLockIfAvailable { true } == nil
      held.unlock()
      expectError(.timedOut, naming: "\(stopped.processID)") {
        try store.lock("l").withLock(timeout: .milliseconds(20)) {}
      }
      kill(stopped.processID, SIGCONT)
      _ = try #require(stopped.line())
      #expect(stopped.finish() == 0)
      try store.lock("l").withLock {}
    }
  }

  @Test("When the one who has a lock and the next one are killed together, the third gets it")
  func killedTogether() throws {
    try withStore { store throws in
      var processes: [DriverProcess] = []
      for index in 0..<3 {
        let process = try DriverProcess("lock", store.path, "l")
        try process.expect("ready")
        if index == 0 { _ = try #require(process.line()) }
        while try store.waiters("l") < index { usleep(500) }
        processes.append(process)
      }
      kill(processes[1].processID, SIGKILL)
      kill(processes[0].processID, SIGKILL)
      _ = try #require(processes[2].line())
      #expect(processes[2].finish() == 0)
      #expect(try store.coordinationInfos().count == 1)
    }
  }
}
