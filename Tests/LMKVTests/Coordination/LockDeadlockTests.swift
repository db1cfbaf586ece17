import Foundation
import LMKV
import Synchronization
import Testing

/// A deadlock that one process can see is an error, and nothing else is (B21).
@Suite struct LockDeadlockTests {
  @Test("A thread that has a lock, in whatever way, and waits for it is told so")
  func ownLock() throws {
    try withStore { store throws in
      try onThread { () throws in
        let lock = store.lock("self")
        let held = try lock.lock()
        expectError(.deadlock, naming: "self") { _ = try lock.lock() }
        expectError(.deadlock, naming: "self") { try lock.withLock {} }
        expectError(.deadlock, naming: "self") { try lock.withLock(timeout: .seconds(60)) {} }
        #expect(try lock.tryLock() == nil)
        held.unlock()
        try lock.withLock { expectError(.deadlock, naming: "self") { _ = try lock.lock() } }
        try lock.withLock {}
      }
    }
  }

  @Test("So is one that has all permits in closures, and so is who uses two Store values")
  func ownPermits() throws {
    try withStore { store throws in
      let other = try Store(path: store.path)
      defer { try? other.close() }
      try onThread { () throws in
        let places = store.semaphore("places", permits: 2)
        try places.withPermit {
          try places.withPermit { expectError(.deadlock, naming: "places") { try places.withPermit {} } }
        }
        try store.lock("l").withLock { expectError(.deadlock, naming: "l") { try other.lock("l").withLock {} } }
      }
    }
  }

  @Test("A permit that was taken for no closure may be given back by another thread, so waiting for it is no deadlock")
  func handedOver() throws {
    try withStore { store throws in
      let places = store.semaphore("places", permits: 1)
      try onThread { () throws in
        let permit = try places.acquire()
        Thread {
          while (try? store.coordinationInfos().last?.waiters.count) != 1 { usleep(500) }
          permit.release()
        }
        .start()
        try places.withPermit {}
      }
    }
  }

  @Test("Who comes after a thread that ended with a lock waits for it, and is not taken for that thread")
  func endedThread() throws {
    try withStore { store throws in
      let lock = store.lock("left")
      let held = Mutex<HeldLock?>(nil)
      try onThread { () throws in
        let taken = try lock.lock()
        held.withLock { $0 = taken }
      }
      // A new thread has the address of the one that ended, as a rule.
      for _ in 0..<20 {
        try onThread { () throws in expectError(.timedOut) { try lock.withLock(timeout: .milliseconds(1)) {} } }
      }
      held.withLock { $0 = nil }
      try lock.withLock(timeout: .zero) {}
    }
  }

  @Test("After a computation that threw, what was created in it computes the value")
  func failedComputation() async throws {
    struct Failure: Error {}
    try await withStore { store in
      let (isOver, begin) = AsyncStream.makeStream(of: Void.self)
      let inherited = Mutex<Task<[Int], any Error>?>(nil)
      await #expect(throws: Failure.self) {
        _ = try await store.async.once("value", of: Int.self) {
          let task = Task {
            for await _ in isOver {}
            // Some of them have the address of the task that computed.
            return try await withThrowingTaskGroup { group in
              for _ in 0..<50 { group.addTask { try await store.async.once("value") { 7 } } }
              return try await group.reduce(into: []) { $0.append($1) }
            }
          }
          inherited.withLock { $0 = task }
          throw Failure()
        }
      }
      begin.finish()
      let values = try await inherited.withLock { $0 }?.value
      #expect(values == Array(repeating: 7, count: 50))
    }
  }

  @Test("A value of the store and a key of a scope are computed apart, whatever their names")
  func namesOfComputations() throws {
    try withStore { store throws in
      let scope = store.scope("a", of: Int.self)
      try onThread { () throws in
        let value = try scope.memoize("b", timeout: .seconds(60)) { try store.once("a\0b") { 1 } + 1 }
        #expect(value == 2)
        let other = try scope.memoize("c") { try store.scope("a/c", of: Int.self).memoize("c") { 1 } + 1 }
        #expect(other == 2)
      }
    }
  }

  @Test("Names that look alike and differ in their bytes are different locks, also where a lock is taken again")
  func names() throws {
    try withStore { store throws in
      let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
      try onThread { () throws in
        try store.lock(composed, isReentrant: true).withLock {
          #expect(try store.coordinationInfos().count == 2)
          try store.lock(decomposed, isReentrant: true).withLock {
            #expect(try store.coordinationInfos().count == 3)
            try onThread { () throws in #expect(try store.lock(decomposed).tryLock() == nil) }
          }
          #expect(try store.lock(decomposed).tryLock() != nil)
        }
      }
    }
  }
}
