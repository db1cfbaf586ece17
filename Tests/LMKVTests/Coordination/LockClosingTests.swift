import Foundation
import LMKV
import Synchronization
import Testing

/// What becomes of locks when their store is closed (B21).
@Suite struct LockClosingTests {
  @Test("Closing waits for what runs with a lock, which keeps it and can use the store until then")
  func bodyRuns() throws {
    try withStore { store throws in
      let other = try Store(path: store.path)
      let (isIn, goOn, isClosed) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), Tally())
      let failure = Mutex<(any Error)?>(nil)
      let body = DispatchGroup()
      body.enter()
      Thread {
        do {
          try other.lock("kept").withLock {
            isIn.signal()
            goOn.wait()
            #expect(isClosed.count == 0)
            try other.scope("s").set("k", 1)
          }
        } catch {
          failure.withLock { $0 = error }
        }
        body.leave()
      }
      .start()
      isIn.wait()
      let closing = DispatchGroup()
      closing.enter()
      Thread {
        do { try other.close() } catch { failure.withLock { $0 = error } }
        isClosed.increment()
        closing.leave()
      }
      .start()
      // New work is refused from some moment on; until the body is done that is all.
      while true {
        do { try other.lock("other").withLock {} } catch let error as LMKVError {
          #expect(error.code == .closed)
          break
        }
        usleep(500)
      }
      #expect(try store.lock("kept").tryLock() == nil)
      #expect(isClosed.count == 0)
      goOn.signal()
      body.wait()
      closing.wait()
      #expect(failure.withLock { $0 } == nil)
      #expect(try store.scope("s").get("k") == 1)
      try store.lock("kept").withLock(timeout: .zero) {}
      expectError(.closed) { try other.lock("kept").withLock {} }
    }
  }

  @Test("Closing inside of a closure that it would wait for is a deadlock, and closes nothing")
  func closedInside() throws {
    try withStore { store throws in
      let other = try Store(path: store.path)
      try onThread { () throws in
        try other.lock("l").withLock { expectError(.deadlock, naming: "l") { try other.close() } }
        _ = try other.once("v") {
          expectError(.deadlock, naming: "v") { try other.close() }
          return 1
        }
        try other.lock("l").withLock {}
        try other.close()
      }
    }
  }
}
