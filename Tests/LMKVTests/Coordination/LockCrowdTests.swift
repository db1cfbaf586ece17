import Foundation
import LMKV
import Synchronization
import Testing

/// Many at one lock (C8). How much the processor worked, and not how long it took, tells who polls.
@Suite struct LockCrowdTests {
  @Test(
    "A crowd at one lock costs no more for each than a few",
    arguments: [["lock-tasks", "1000"], ["lock-threads", "400"], ["lock-processes", "8", "125"]]
  )
  func crowds(_ role: [String]) throws {
    try withStorePath { path throws in
      let crowd = try DriverProcess(role[0], path, Array(role.dropFirst()))
      var lines: [String] = []
      while let line = crowd.line() { lines.append(line) }
      #expect(crowd.wait() == 0, "\(lines)")
      // It is a tenth of a second; a thousand tasks that each looked at the whole queue worked for 45 s.
      for line in lines { #expect(try #require(work(line)) < 5, "\(line)") }
      let store = try Store(path: path)
      #expect(try store.coordinationInfos().count == 1)
      try store.close()
    }
  }

  @Test("Two hundred threads that wait for a lock use no processor")
  func idle() throws {
    try withStorePath { path throws in
      let crowd = try DriverProcess("lock-idle", path, "200", "2")
      let line = try #require(crowd.line())
      #expect(crowd.wait() == 0)
      // Polling they worked for 1.8 of two seconds.
      #expect(try #require(work(line)) < 0.2, "\(line)")
    }
  }

  /// The seconds of work that the driver tells.
  private func work(_ line: String) -> Double? {
    line.split(separator: " s of work").first?.split(separator: " ").last.flatMap { Double($0) }
  }

  @Test("Processes get a lock in the order of their coming, whoever of them waits with how many threads")
  func order() throws {
    try withStore { store throws in
      let lock = store.lock("queue")
      let held = try lock.lock()
      let order = Mutex<[Int]>([])
      let done = DispatchGroup()
      var others: [DriverProcess] = []
      for index in 0..<6 {
        if index % 2 == 0 {
          done.enter()
          Thread {
            try? lock.withLock { order.withLock { $0.append(index) } }
            done.leave()
          }
          .start()
        } else {
          let other = try DriverProcess("lock", store.path, "queue")
          try other.expect("ready")
          others.append(other)
        }
        while try store.waiters("queue") <= index { usleep(500) }
      }
      held.unlock()
      for (index, other) in others.enumerated() {
        _ = try #require(other.line())
        // It has the lock, so those before it have had it, and those behind it have not.
        #expect(order.withLock { $0 } == Array(stride(from: 0, through: 2 * index, by: 2)))
        #expect(other.finish() == 0)
      }
      done.wait()
      #expect(try store.coordinationInfos().count == 1)
    }
  }
}
