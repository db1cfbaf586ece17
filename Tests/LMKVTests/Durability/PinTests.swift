import ControlPage
import Foundation
import LMDB
import Testing

@testable import LMKV

/// The snapshot that keeps the pages of the checkpoint: it is one process's, and all move it on.
@Suite struct PinTests {
  private let relaxed = Store.Configuration(durability: .relaxed(flushEvery: .milliseconds(50)))

  private func otherStart() -> Store.Configuration {
    var configuration = Store.Configuration()
    configuration.boot = BootID(high: .random(in: 1...(.max)), low: 1)
    return configuration
  }

  private func count(_ path: String, _ configuration: Store.Configuration = .init()) throws -> Int {
    let store = try Store(path: path, configuration: configuration)
    defer { try? store.close() }
    return try store.scope("counters", of: Int.self).require("n")
  }

  private func pin(_ store: Store) throws -> ReaderInfo? {
    try store.readers().first { $0.isCheckpoint }
  }

  /// Reads what a storm acknowledges, until it has done so often more.
  private func follow(_ storm: DriverProcess, _ times: Int) throws -> Int {
    var last = 0
    for _ in 0..<times { last = try #require(storm.line().flatMap { Int($0) }, "the writer has ended") }
    return last
  }

  @Test func `Eight processes that write in turn keep the file as small as one does`() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path, configuration: relaxed)
      try store.scope("counters").set("n", 0)
      let writers = try (0..<8).map { _ in try DriverProcess("increment", path, "4000", "relaxed") }
      for writer in writers { #expect(writer.wait() == 0) }
      #expect(try store.scope("counters", of: Int.self).require("n") == 32_000)
      #expect(try store.info().fileSize < 4 << 20)
      try store.close()
    }
  }

  @Test func `Who writes moves on the pin of a process that does not`() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path, configuration: relaxed)
      // The first commit by itself is left to LMDB.
      for _ in 0..<2 { try store.scope("counters").set("n", 0) }
      let first = try #require(try pin(store))
      #expect(first.processID == ProcessInfo.processInfo.processIdentifier)
      let storm = try DriverProcess("storm", path, "relaxed")
      _ = try follow(storm, 500)
      let later = try #require(try pin(store))
      #expect(later.processID == first.processID)
      #expect(try #require(later.transactionID) > first.transactionID! + 400)
      storm.kill()
      try store.close()
    }
  }

  @Test(arguments: 0..<3) func `After the owner of the pin was killed others commit soundly`(_: Int) throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      try store.scope("counters").set("n", 0)
      let owner = try DriverProcess("storm", path, "full")
      _ = try follow(owner, 40)
      #expect(try pin(store)?.processID == owner.processID)
      let other = try DriverProcess("storm", path, "full")
      _ = try follow(other, 10)
      owner.kill()
      let acknowledged = try follow(other, 200)
      #expect(try #require(try pin(store)).processID != owner.processID)
      other.kill()
      try store.close()
      let present = try count(path, otherStart())
      #expect(present >= acknowledged)
      #expect(try count(path) == present)
    }
  }

  @Test func `After the owner of the pin has closed the store others commit soundly`() throws {
    try withStorePath(.soundToOthers) { path in
      // It keeps the store open throughout.
      let witness = try DriverProcess("obey", path)
      try witness.expect("ready")
      let store = try Store(path: path, configuration: relaxed)
      for _ in 0..<2 { try store.scope("counters").set("n", 0) }
      let other = try DriverProcess("storm", path, "full")
      _ = try follow(other, 40)
      #expect(try pin(store)?.processID == ProcessInfo.processInfo.processIdentifier)
      try store.close()
      let acknowledged = try follow(other, 200)
      let again = try Store(path: path)
      #expect(try pin(again) != nil)
      other.kill()
      try again.close()
      #expect(witness.finish() == 0)
      let present = try count(path, otherStart())
      #expect(present >= acknowledged)
    }
  }

  @Test func `Processes that come and go, and are killed, hand on what is in the file`() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      try store.scope("counters").set("n", 0)
      try store.close()
      var acknowledged = 0
      var storms = [try DriverProcess("storm", path, "full")]
      for round in 0..<12 {
        storms.append(try DriverProcess("storm", path, round % 3 == 0 ? "relaxed" : "full"))
        if round % 3 != 0 { acknowledged = max(acknowledged, try follow(storms[1], 30)) }
        if round % 2 == 0 { #expect(try DriverProcess("increment", path, "20").wait() == 0) }
        storms.removeFirst().kill()
      }
      storms.removeAll()
      #expect(try count(path, otherStart()) >= acknowledged)
    }
  }

  @Test func `Where LMDB's table of readers cannot be used every commit is synced by itself`() throws {
    try withStorePath(.soundToOthers) { path in
      var configuration = relaxed
      configuration.mayPin = false
      let store = try Store(path: path, configuration: configuration)
      let counters = store.scope("counters", of: Int.self)
      for _ in 0..<20 { try counters.increment("n") }
      let persistence = try #require(try store.environment().companion as? Persistence)
      let state = try #require(persistence.state)
      #expect(!state.flag(.isDirty))
      #expect(try pin(store) == nil)
      // Another one can, and so has the store dirty whenever it is not our turn.
      let storm = try DriverProcess("storm", path, "relaxed")
      for _ in 0..<20 {
        _ = try follow(storm, 10)
        try counters.increment("n")
      }
      storm.kill()
      try counters.increment("n")
      #expect(!state.flag(.isDirty))
      #expect(try counters.require("n") >= 241)
      try store.close()
    }
  }
}
