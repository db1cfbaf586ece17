import ControlPage
import Foundation
import Testing

@Suite("Words that processes share")
struct SharedWordTests {
  @Test("A commit wakes those who wait in other processes, and a killed waiter costs nothing")
  func commits() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      #expect(try page.commits.advance() == 1)
      let waiters = try (0..<3).map { _ in try Driver("commit", path) }
      for waiter in waiters { try waiter.expect("waits") }
      waiters[0].kill()
      usleep(20_000)
      #expect(try page.commits.advance() == 2)
      for waiter in waiters[1...] { try waiter.expect("2") }
    }
  }

  @Test("A wait for a commit that has been returns at once, and one for none when its time is over")
  func waiting() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      #expect(try page.commits.wait(past: 0, timeout: .milliseconds(20)) == 0)
      try page.commits.advance()
      #expect(try page.commits.wait(past: 0, timeout: nil) == 1)
      #expect(try page.commits.wait(past: 1, timeout: .zero) == 1)
    }
  }

  @Test("No commit is missed between looking and sleeping")
  func noLostWake() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let other = try ControlPage.open(path, isFirst: false)
      let done = DispatchSemaphore(value: 0)
      // Each waits for the other's step, so that a lost wake would be a wait for ever.
      Thread {
        for step in stride(from: UInt64(0), to: 40_000, by: 2) {
          do {
            while try other.commits.wait(past: step, timeout: nil) <= step {}
            try other.commits.advance()
          } catch { Issue.record(error) }
        }
        done.signal()
      }.start()
      for step in stride(from: UInt64(1), to: 40_001, by: 2) {
        try page.commits.advance()
        while try page.commits.wait(past: step, timeout: nil) <= step {}
      }
      #expect(done.wait(timeout: .now() + 60) == .success)
      #expect(page.commits.count == 40_000)
    }
  }

  @Test("Registers are shared and change as one")
  func registers() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let other = try ControlPage.open(path, isFirst: false)
      for index in 0..<ControlPage.registerCount { try page.register(index).store(UInt64(index) + 100) }
      for index in 0..<ControlPage.registerCount { #expect(try other.register(index).load() == UInt64(index) + 100) }
      let (mine, theirs) = (try page.register(0), try other.register(0))
      #expect(mine.add(5) == 105)
      #expect(theirs.exchange(7) == 105)
      #expect(mine.compareExchange(expected: 8, desired: 9) == (false, 7))
      #expect(mine.compareExchange(expected: 7, desired: 9) == (true, 7))
      #expect(theirs.raise(to: 4) == 9)
      #expect(theirs.raise(to: 40) == 40)
      #expect(mine.load() == 40)
    }
  }

  @Test("A futex word wakes those whose bits match, and lets go when its time is over")
  func futexes() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let word = try page.futex(15)
      #expect(word.wait(while: 0, timeout: .milliseconds(10)) == .timedOut)
      #expect(word.wait(while: 1, timeout: nil) == .lookAgain)
      let done = DispatchSemaphore(value: 0)
      Thread {
        while word.load() == 0 { word.wait(while: 0, bits: 2, timeout: .seconds(60)) }
        done.signal()
      }.start()
      try eventually("nobody else is woken") { word.wake(bits: 1) == 0 }
      word.store(1)
      try eventually("it is woken") {
        word.wake(bits: 2)
        return done.wait(timeout: .now() + 0.01) == .success
      }
      #expect(word.compareExchange(expected: 1, desired: 3) == (true, 1))
      #expect(word.add(1) == 4)
      #expect(try page.futex(14).load() == 0)
    }
  }
}
