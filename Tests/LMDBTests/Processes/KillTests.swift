import Foundation
import LMDB
import Testing

@Suite struct KillTests {
  @Test func `the next writer goes on when one is killed in the middle`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      for round in 0..<5 {
        let other = try Driver("hold-write", directory)
        try other.expect("writing")
        let waiting = Running { try environment.put("\(round)", for: "key", in: database) }
        #expect(waiting.isDone(within: 0.05) == false, "two writers at once")
        other.kill()
        try waiting.join()
        #expect(try environment.text("held", in: database) == nil)
        #expect(try environment.text("key", in: database) == "\(round)")
      }
    }
  }

  @Test func `a killed reader's slot is swept`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      let other = try Driver("hold-read", directory)
      try other.expect("reading")
      let seen = try environment.readers().first { $0.processID == other.processID }
      #expect(seen?.transactionID == (try environment.info().lastTransactionID))
      #expect(try environment.sweepDeadReaders() == 0, "a living reader was swept")
      other.kill()
      #expect(try environment.readers().contains { $0.processID == other.processID })
      #expect(try environment.sweepDeadReaders() == 1)
      #expect(try environment.readers().contains { $0.processID == other.processID } == false)
      try environment.put("x", for: "x", in: database)
    }
  }

  @Test func `readers of dead processes do not fill the table`() throws {
    try withDirectory { directory in
      let environment = try directory.open {
        $0.maxReaders = 8
        $0.patience = 100_000
      }
      let other = try Driver("hold-readers", directory, "8")
      try other.expect("reading")
      let waiting = Running { try environment.read { _ in } }
      #expect(waiting.isDone(within: 0.1) == false)
      other.kill()
      try waiting.join()
    }
  }

  @Test func `processes that are killed while they open, count and close lose nothing`() throws {
    try withDirectory(.soundToOthers) { directory in
      var generator = SystemRandomNumberGenerator()
      let seed = UInt64.random(in: 0 ..< .max, using: &generator)
      var random = Seeded(state: seed)
      var acknowledged = 0
      for round in 0..<40 {
        // Three at once: the first opener may die while another waits for it.
        let drivers = try (0..<3).map { _ in try Driver("count", directory) }
        Thread.sleep(forTimeInterval: Double(random.next() % 40) / 1_000)
        for driver in drivers { driver.kill() }
        for driver in drivers {
          while let line = driver.line() { acknowledged = max(acknowledged, Int(line) ?? 0) }
        }
        let environment = try directory.open()
        let count = Int(try environment.text("count", in: environment.database()) ?? "0") ?? 0
        #expect(count >= acknowledged, "round \(round), seed \(seed)")
        acknowledged = count
      }
      #expect(acknowledged > 0)
    }
  }

  struct Seeded {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }

  @Test func `processes that count together lose nothing`() throws {
    try withDirectory(.soundToOthers) { directory in
      let drivers = try (0..<4).map { _ in try Driver("count", directory, "50") }
      for driver in drivers {
        while driver.line() != nil {}
        #expect(driver.wait() == 0)
      }
      let environment = try directory.open()
      #expect(try environment.text("count", in: environment.database()) == "200")
    }
  }
}
