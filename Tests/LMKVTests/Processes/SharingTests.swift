import Foundation
import LMKV
import Testing

@Suite struct SharingTests {
  @Test(arguments: ["increment", "increment-async"], ["full", "relaxed"])
  func `Increments of several processes add up exactly`(role: String, durability: String) throws {
    try withStorePath(.soundToOthers) { path throws in
      let times = 400
      let workers = try (0..<4).map { _ in try DriverProcess(role, path, "\(times)", durability) }
      let store = try Store(path: path, configuration: .init(durability: durability == "full" ? .full : .relaxed()))
      let counters = store.scope("counters", of: Int.self)
      for _ in 0..<times { try counters.increment("n") }
      for worker in workers { #expect(worker.wait() == 0) }
      #expect(try counters.get("n") == 5 * times)
      #expect(try store.read { $0.revision } == UInt64(5 * times))
      try store.close()
    }
  }

  @Test func `Processes see each other's commits at once`() throws {
    try withStorePath { path throws in
      let (left, right) = (try DriverProcess("obey", path), try DriverProcess("obey", path))
      try left.expect("ready")
      try right.expect("ready")
      #expect(try right.ask("get s a") == "absent")
      for round in 0..<50 {
        #expect(try left.ask("set s a \(round)") == "done")
        #expect(try right.ask("get s a") == "\(round)")
        #expect(try right.ask("set s\(round) b {\"round\": \(round)}") == "done")
        #expect(try left.ask("get s\(round) b") == "{\"round\":\(round)}")
      }
      #expect(try left.ask("scopes")?.split(separator: " ").count == 51)
      #expect(left.finish() == 0)
      #expect(right.finish() == 0)
    }
  }

  @Test func `A forked child is refused, and its parent goes on`() throws {
    try withStorePath { path throws in
      let driver = try DriverProcess("fork", path)
      try driver.expect("forked forked forked")
      try driver.expect("still here")
      #expect(driver.wait() == 0)
    }
  }
}
