import ControlPage
import Foundation
import Testing

@Suite("The turn", .serialized)
struct TurnTests {
  @Test("Eight processes never have the turn at the same time", arguments: ["", "hand-over"])
  func exclusion(_ how: String) throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let drivers = try (0..<8).map { _ in try Driver("count", path, "10000", how) }
      for driver in drivers { try driver.expect("ready") }
      for driver in drivers { try driver.goOn() }
      for driver in drivers { try driver.expect("done") }
      #expect(try page.register(7).load() == 80_000)
      #expect(page.turn.holder == nil)
      #expect(page.turn.waiting.isEmpty)
    }
  }

  @Test("Threads of one process never have the turn at the same time")
  func threads() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let register = try page.register(7)
      let done = DispatchGroup()
      for _ in 0..<6 {
        done.enter()
        Thread {
          for _ in 0..<10_000 {
            do { _ = try page.turn.take() } catch { Issue.record(error) }
            register.store(register.load() + 1)
            page.turn.release()
          }
          done.leave()
        }.start()
      }
      done.wait()
      #expect(register.load() == 60_000)
    }
  }

  @Test("The turn of a holder that is killed passes to a waiter at once, and the waiter is told")
  func killedHolder() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let holder = try Driver("hold", path)
      try holder.expect("taken")
      let waiter = try Driver("wait", path)
      try waiter.expect("waits")
      try eventually("the waiter queues") { page.turn.waiting.count == 1 }
      let start = ContinuousClock.now
      holder.kill()
      let answer = try #require(waiter.line())
      print("The turn of a killed holder passed on in \((ContinuousClock.now - start) / .milliseconds(1)) ms.")
      #expect(answer.hasPrefix("takenFromTheDead "))
      // What the dead left behind is told once.
      #expect(try page.turn.take(timeout: .seconds(10)) == .taken)
      page.turn.release()
    }
  }

  @Test("The turn of a holder that was killed while nobody waited is taken from the dead")
  func killedAlone() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let holder = try Driver("hold", path)
      try holder.expect("taken")
      holder.kill()
      #expect(page.turn.holder == nil)
      #expect(try page.turn.tryTake() == .takenFromTheDead)
      page.turn.release()
      #expect(try page.turn.tryTake() == .taken)
      page.turn.release()
    }
  }

  @Test("Waiters that are killed, at the head and behind it, hold up nobody")
  func killedWaiters() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      _ = try page.turn.take()
      let waiters = try (0..<5).map { number in
        let waiter = try Driver("wait", path)
        try waiter.expect("waits")
        try eventually("it queues") { page.turn.waiting.count == number + 1 }
        return waiter
      }
      // Head, middle and last.
      for number in [0, 2, 4] { waiters[number].kill() }
      #expect(page.turn.waiting.count == 2)
      page.turn.release()
      for number in [1, 3] { #expect(try #require(waiters[number].line()).hasPrefix("taken ")) }
      #expect(try page.turn.take(timeout: .seconds(10)) == .taken)
      page.turn.release()
    }
  }

  @Test("Those who wait get the turn in the order of their coming")
  func order() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      guard page.isInOrder else { return }
      _ = try page.turn.take()
      let waiters = try (0..<6).map { number in
        let waiter = try Driver("hold", path)
        try eventually("it queues") { page.turn.waiting.count == number + 1 }
        return waiter
      }
      page.turn.release(handOver: true)
      for waiter in waiters {
        try waiter.expect("taken")
        #expect(page.turn.holder?.member.processID == waiter.processID)
        try waiter.goOn()
        try waiter.expect("released")
      }
    }
  }

  @Test("A timeout names who has the turn")
  func timeout() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let holder = try Driver("hold", path)
      try holder.expect("taken")
      for milliseconds in [0, 30] {
        do {
          _ = try page.turn.take(timeout: .milliseconds(milliseconds))
          Issue.record("it got the turn")
        } catch TurnError.timedOut(let timeout) {
          #expect(timeout.waited >= .milliseconds(milliseconds))
          #expect(timeout.holder?.member.processID == holder.processID)
          #expect(timeout.holder?.member.program == "ControlPageDriver")
          #expect(timeout.description.contains("process \(holder.processID) (ControlPageDriver) has had it for"))
        }
      }
      #expect(try page.turn.tryTake() == nil)
      try holder.goOn()
      try holder.expect("released")
      #expect(try page.turn.tryTake() == .taken)
      page.turn.release()
    }
  }

  @Test("Waiters behind a head that gives up move on")
  func impatientHead() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      _ = try page.turn.take()
      let head = try Driver("wait", path, "300")
      try eventually("the head queues") { page.turn.waiting.count == 1 }
      let next = try Driver("wait", path)
      try eventually("the next one queues") { page.turn.waiting.count == 2 }
      #expect(try #require(head.line()) == "waits")
      #expect(try #require(head.line()).contains("was not this process's turn"))
      page.turn.release()
      try next.expect("waits")
      #expect(try #require(next.line()).hasPrefix("taken "))
    }
  }

  @Test("A head that stands still is passed over, and gets its turn when it moves again")
  func stoppedHead() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      _ = try page.turn.take()
      let head = try Driver("wait", path)
      try head.expect("waits")
      try eventually("the head queues") { page.turn.waiting.count == 1 }
      let behind = try Driver("wait", path)
      try behind.expect("waits")
      let impatient = try Driver("wait", path, "200")
      try impatient.expect("waits")
      try eventually("the others queue") { page.turn.waiting.count == 3 }
      head.signal(SIGSTOP)
      // It times out as it should, whatever the head does.
      #expect(try #require(impatient.line()).contains("was not this process's turn"))
      page.turn.release()
      #expect(try #require(behind.line()).hasPrefix("taken "))
      for _ in 0..<1_000 {
        #expect(try page.turn.take(timeout: .seconds(30)) == .taken)
        page.turn.release()
      }
      head.signal(SIGCONT)
      #expect(try #require(head.line()).hasPrefix("taken "))
      head.wait()
      #expect(page.turn.waiting.isEmpty)
    }
  }

  @Test("Killing and starting processes at many moments never loses the turn")
  func massacre() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let register = try page.register(7)
      var drivers: [Driver] = []
      for round in 0..<60 {
        while drivers.count < 4 {
          let driver = try Driver("run", path)
          try driver.expect("ready")
          drivers.append(driver)
        }
        usleep(UInt32(round * 1_237 % 5_000))
        drivers.remove(at: round * 7 % drivers.count).kill()
        let before = register.load()
        try eventually("the others go on in round \(round)") { register.load() > before + 10 }
      }
      drivers.removeAll()
      _ = try page.turn.take(timeout: .seconds(10))
      page.turn.release()
      #expect(page.members.all().map(\.id) == [page.me])
      #expect(page.turn.waiting.isEmpty)
    }
  }

  @Test("Nobody starves among processes that always want the turn")
  func shares() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let drivers = try (0..<6).map { _ in try Driver("turns", path, "500", "3000") }
      for driver in drivers { try driver.expect("ready") }
      _ = try page.turn.take()
      for driver in drivers { try driver.goOn() }
      try eventually("all queue") { page.turn.waiting.count == 6 }
      page.turn.release(handOver: true)
      let counts = try drivers.map { driver in
        let words = try #require(driver.line()).split(separator: " ")
        return try #require(words.first.flatMap { Int($0) })
      }
      // How fair it is on an idle machine is measured, not tested; a twentieth would be no fairness.
      let least = try #require(counts.min())
      #expect(least * 20 * 6 > counts.reduce(0, +), "\(counts)")
    }
  }

  @Test("A second take on the same thread is an error, not a hang")
  func twice() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      _ = try page.turn.take()
      #expect(throws: TurnError.self) { try page.turn.take() }
      page.turn.release()
      #expect(try page.turn.take() == .taken)
      page.turn.release()
    }
  }
}
