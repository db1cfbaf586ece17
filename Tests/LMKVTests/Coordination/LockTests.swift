import Foundation
import LMKV
import Synchronization
import Testing

@Suite struct LockTests {
  @Test("A lock keeps others out until its body returns or throws, and leaves nothing in the store")
  func exclusion() async throws {
    try await withStore { store in
      let lock = store.lock("import")
      let (inside, total) = (Tally(), Tally())
      try await onThreads(6) { _ throws in
        for _ in 0..<50 {
          try lock.withLock {
            #expect(inside.increment() == 1)
            total.increment()
            inside.decrement()
          }
        }
      }
      #expect(total.count == 300)
      try await onThreads(1) { _ throws in
        #expect(throws: CancellationError.self) { try lock.withLock { throw CancellationError() } }
        #expect(try lock.withLockIfAvailable { 7 } == 7)
      }
      #expect(try store.coordinationInfos().map(\.kind) == [.write])
      #expect(try store.scopes == [])
      #expect(try store.info().entries == 0)
    }
  }

  @Test("Tasks get a lock in the order of their coming, and the body may suspend")
  func order() async throws {
    try await withStore { store in
      let lock = store.lock("queue")
      let order = Order()
      try await withThrowingTaskGroup { group in
        try await lock.async.withLock {
          for index in 0..<5 {
            group.addTask {
              try await lock.async.withLock {
                await Task.yield()
                order.append(index)
              }
            }
            while try store.waiters("queue") <= index { try await Task.sleep(for: .milliseconds(1)) }
          }
        }
        try await group.waitForAll()
      }
      #expect(order.all == [0, 1, 2, 3, 4])
    }
  }

  @Test("Who waits too long is told who has the lock, and is out of the queue")
  func timeout() throws {
    try withStore { store throws in
      let lock = store.lock("slow")
      let held = try lock.lock()
      try onThread { () throws in
        expectError(.timedOut, naming: "slow", "\(getpid())") { try lock.withLock(timeout: .milliseconds(20)) {} }
        expectError(.timedOut, naming: "slow") { try lock.withLock(timeout: .zero) {} }
        #expect(try lock.tryLock() == nil)
        #expect(try lock.withLockIfAvailable {} == nil)
        #expect(try store.waiters("slow") == 0)
      }
      held.unlock()
      held.unlock()
      try lock.withLock(timeout: .zero) {}
    }
  }

  @Test("A task that is cancelled while it waits leaves the queue")
  func cancellation() async throws {
    try await withStore { store in
      let lock = store.lock("slow")
      try await lock.async.withLock {
        let waiting = Task { try await lock.async.withLock { Issue.record("it had the lock") } }
        while try store.waiters("slow") == 0 { try await Task.sleep(for: .milliseconds(1)) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(try store.waiters("slow") == 0)
        let none = try await Task { try await lock.async.withLockIfAvailable { 1 } }.value
        #expect(none == nil)
      }
      let some = try await lock.async.withLockIfAvailable { 1 }
      #expect(some == 1)
    }
  }

  @Test("A task that is cancelled while it has the lock gives it back")
  func cancelledHolder() async throws {
    try await withStore { store in
      let lock = store.lock("held")
      let task = Task {
        try await lock.async.withLock { try await Task.sleep(for: .seconds(60)) }
      }
      while try store.coordinationInfos().count == 1 { try await Task.sleep(for: .milliseconds(1)) }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      try await lock.async.withLock(timeout: .zero) {}
    }
  }

  @Test("A re-entrant lock can be taken again by what runs in it, and by nobody else")
  func reentrancy() async throws {
    try await withStore { store in
      let lock = store.lock("again", isReentrant: true)
      try await onThreads(1) { _ throws in
        try lock.withLock {
          try lock.withLock { try lock.withLock {} }
          #expect(try lock.withLockIfAvailable { true } == true)
          try onThread { () throws in #expect(try lock.tryLock() == nil) }
        }
        #expect(try lock.tryLock() != nil)
      }
      try await lock.async.withLock {
        try await withThrowingTaskGroup { group in
          for _ in 0..<3 { group.addTask { try await lock.async.withLock(timeout: .seconds(5)) {} } }
          try await group.waitForAll()
        }
        let other = try await Task.detached { try await lock.async.withLockIfAvailable { 1 } }.value
        #expect(other == nil)
      }
      #expect(try store.coordinationInfos().count == 1)
    }
  }

  @Test("To wait for oneself is an error and no hang")
  func deadlocks() async throws {
    try await withStore { store in
      let lock = store.lock("self")
      try await onThreads(1) { _ throws in
        try lock.withLock { expectError(.deadlock, naming: "self") { try lock.withLock {} } }
        try store.transaction { _ in expectError(.nestedTransaction) { try lock.withLock {} } }
        #expect(try store.once("value") { 1 } == 1)
        expectError(.deadlock, naming: "loop") { _ = try store.once("loop") { try store.once("loop") { 1 } } }
      }
      await expectError(.deadlock, naming: "self") {
        try await lock.async.withLock { try await lock.async.withLock {} }
      }
      try await lock.async.withLock(timeout: .zero) {}
    }
  }

  @Test("The names of locks are made as keys are")
  func names() throws {
    try withStore { store throws in
      expectError(.emptyKey) { try store.lock("").withLock {} }
      expectError(.keyTooLong, naming: "512", "511") { try store.lock(String(repeating: "x", count: 512)).withLock {} }
      try store.lock(String(repeating: "x", count: 511)).withLock {}
      expectError(.invalidArgument, naming: "s", "0") { try store.semaphore("s", permits: 0).withPermit {} }
    }
  }

  @Test("A store that is closed gives its locks back, and has no more")
  func closing() throws {
    try withStore { store throws in
      let other = try Store(path: store.path)
      let held = try other.lock("kept").lock()
      #expect(try store.lock("kept").tryLock() == nil)
      try other.close()
      try store.lock("kept").withLock(timeout: .zero) {}
      held.unlock()
      expectError(.closed) { try other.lock("kept").withLock {} }
    }
  }

  @Test("Who waits while its store is closed is told so")
  func closingWhileWaiting() async throws {
    try await withStore { store in
      let other = try Store(path: store.path)
      try await store.lock("kept").async.withLock {
        let task = Task { try await other.lock("kept").async.withLock {} }
        while try store.waiters("kept") == 0 { try await Task.sleep(for: .milliseconds(1)) }
        try other.close()
        await expectError(.closed) { try await task.value }
        #expect(try store.waiters("kept") == 0)
      }
    }
  }

  @Test("A handle that is let go gives its lock back")
  func handles() throws {
    try withStore { store throws in
      let lock = store.lock("dropped")
      _ = try lock.lock()
      try lock.withLock(timeout: .zero) {}
      try store.transaction { _ in }
    }
  }

  @Test("A store that is open for reading lists locks, and takes none")
  func readOnly() throws {
    try withStore { store throws in
      try store.lock("used").withLock {
        let result = try run(DriverProcess.executable("lmkv").path, ["locks", "--store", store.path, "--json"])
        #expect(result.output.contains(#""name":"used""#), "\(result.output)\(result.errors)")
      }
    }
    try withStorePath { path throws in
      try Store(path: path).close()
      let store = try Store(path: path, configuration: .init(access: .readOnly))
      expectError(.readOnly) { try store.lock("x").withLock {} }
      try store.close()
    }
  }
}

private final class Order: Sendable {
  private let numbers = Mutex<[Int]>([])

  var all: [Int] { numbers.withLock { $0 } }

  func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}

extension Store {
  /// How many wait for a lock.
  func waiters(_ name: String) throws -> Int {
    try coordinationInfos().first { $0.kind == .lock && $0.name == name }?.waiters.count ?? 0
  }
}

/// Runs a body on another thread, and waits for it.
func onThread(_ body: @escaping @Sendable () throws -> Void) throws {
  let result = Mutex<Result<Void, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Thread {
    result.withLock { $0 = Result { try body() } }
    done.signal()
  }
  .start()
  done.wait()
  try result.withLock { $0 }?.get()
}
