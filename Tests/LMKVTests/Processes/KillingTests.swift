import Foundation
import LMKV
import Testing

@Suite struct KillingTests {
  @Test func `What a killed process had in hand is undone, and the next writer goes on at once`() throws {
    try withStorePath(.soundToOthers) { path throws in
      let store = try Store(path: path)
      var shortest = UInt64.max
      for _ in 0..<8 {
        let holder = try DriverProcess("hold", path)
        try holder.expect("holding")
        let next = try DriverProcess("take", path)
        try next.expect("waiting")
        // Time to come to the lock. Were it too short, the wait would only be shorter than the lock's passing on.
        Thread.sleep(forTimeInterval: 0.05)
        let killed = DispatchTime.now().uptimeNanoseconds
        holder.kill()
        let times = try #require(next.line()).split(separator: " ").compactMap { UInt64($0) }
        try #require(times.count == 2)
        // It really had to wait for the kill.
        #expect(times[0] >= killed)
        shortest = min(shortest, times[1] &- killed)
        #expect(next.wait() == 0)
      }
      // From the kill to the next commit. The best of several, because the machine may be busy.
      #expect(shortest < 100_000_000)
      #expect(try store.scope("held").get("half") == nil)
      #expect(try store.scope("held").get("taken") == 8)
      try store.close()
    }
  }

  /// Eight processes increment; random ones are killed and replaced until each place has done its share.
  @Test(arguments: ["full", "relaxed"])
  func `No increment that was acknowledged is lost when processes are killed`(durability: String) async throws {
    let share = durability == "full" ? 250 : 1_000
    try await withSeed { random in
      var generator = random
      try withStorePath(.soundToOthers) { path in
        try storm(path, share, durability, &generator)
      }
      random = generator
    }
  }

  private func storm(_ path: String, _ share: Int, _ durability: String, _ random: inout SeededGenerator) throws {
    let store = try Store(path: path)
    var places = try (0..<8).map { _ in try Place(path, share, durability) }
    var kills = 0
    while places.contains(where: { !$0.isDone }) {
      Thread.sleep(forTimeInterval: Double.random(in: 0.005..<0.03, using: &random))
      let index = Int.random(in: places.indices, using: &random)
      if kills < 40, !places[index].isDone {
        try places[index].kill()
        kills += 1
      }
      // In the end nobody is killed any more, so that all get done.
      if kills >= 40 { for index in places.indices { try places[index].finish() } }
    }
    let acknowledged = places.reduce(0) { $0 + $1.acknowledged }
    let attempted = places.reduce(0) { $0 + $1.attempted }
    #expect(acknowledged >= 8 * share)
    let total = try store.scope("counters", of: Int.self).get("n", default: 0)
    #expect(total >= acknowledged, "lost increments, after \(kills) kills")
    #expect(total <= attempted, "increments that nobody asked for, after \(kills) kills")
    #expect(try store.read { $0.revision } == UInt64(total))
    try store.close()
  }

  /// One of the workers: a process, and another one after each kill, until its share is done.
  private struct Place {
    let path: String
    let share: Int
    let durability: String
    var worker: DriverProcess
    var acknowledged = 0
    var attempted = 0
    var isDone = false

    init(_ path: String, _ share: Int, _ durability: String) throws {
      self.path = path
      self.share = share
      self.durability = durability
      worker = try DriverProcess("acknowledge", path, "\(share)", durability)
    }

    mutating func kill() throws {
      worker.kill()
      try settle()
    }

    mutating func finish() throws {
      while !isDone { try settle() }
    }

    /// Counts all that the process has said until its end, and starts another one if something is left to do.
    private mutating func settle() throws {
      while true {
        let said = worker.availableData()
        if said.isEmpty { break }
        attempted += said.count { $0 == UInt8(ascii: "+") }
        acknowledged += said.count { $0 == UInt8(ascii: "-") }
      }
      let status = worker.wait()
      #expect(status == 0 || status == -SIGKILL)
      isDone = acknowledged >= share
      if !isDone {
        worker = try DriverProcess("acknowledge", path, "\(share - acknowledged)", durability)
      }
    }
  }

  @Test func `A process that is killed while it creates and opens stores leaves sound ones`() async throws {
    try await withSeed { random in
      var generator = random
      try withTemporaryDirectory { directory throws in
        for round in 0..<12 {
          let path = directory.path(of: "\(round)")
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
          // Two at once, so that one also dies while the other waits for it.
          let processes = try (0..<2).map { _ in try DriverProcess("open-repeatedly", path, "10000") }
          for process in processes { try process.expect("begun") }
          Thread.sleep(forTimeInterval: Double.random(in: 0..<0.06, using: &generator))
          for process in processes.shuffled(using: &generator) { process.kill() }
          for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let store = try Store(path: "\(path)/\(name)")
            let counters = store.scope("counters", of: Int.self)
            let before = try counters.get("n", default: 0)
            #expect((0...4).contains(before))
            #expect(try counters.increment("n") == before + 1)
            try store.close()
            try StoreJudge(path: "\(path)/\(name)", sourceLocation: #_sourceLocation).judge()
          }
        }
      }
      random = generator
    }
  }
}
