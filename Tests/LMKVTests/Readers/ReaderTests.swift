import Foundation
import LMKV
import Synchronization
import Testing

@Suite struct ReaderTests {
  @Test("A snapshot that is kept for the next read keeps no pages from being used again")
  func idlePool() throws {
    try withStore { store in
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      for _ in 0..<10 { _ = try store.read { try $0[numbers].count() } }
      let size = try store.info().fileSize
      for round in 0..<40 { try rewrite(numbers, round) }
      let readers = try store.readers()
      #expect(!readers.isEmpty && readers.allSatisfy { $0.transactionID == nil || $0.isCheckpoint })
      #expect(readers.allSatisfy { $0.transactionID != nil || ($0.pinnedPages == 0 && $0.age == nil) })
      // Forty times the whole content was written anew.
      #expect(try store.info().fileSize < 4 * size)
    }
  }

  @Test("An open snapshot is listed with its process, its program, its age and the pages that it keeps")
  func openSnapshot() throws {
    try withStorePath { path in
      let store = try Store(path: path)
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      let parked = try DriverProcess("park", path)
      try parked.expect("parked")
      for round in 0..<10 { try rewrite(numbers, round) }
      let reader = try #require(try store.readers().first { $0.program == "LMKVTestDriver" && $0.transactionID != nil })
      #expect(reader.processID == parked.processID && reader.isAlive && !reader.isCheckpoint)
      #expect(reader.pinnedPages > 100)
      let age = try #require(reader.age)
      Thread.sleep(forTimeInterval: 0.2)
      let later = try #require(try store.readers().first { $0.processID == parked.processID && $0.age != nil })
      #expect(try #require(later.age) - age > .milliseconds(150))
      #expect(try parked.ask("end") == "done")
      #expect(parked.wait() == 0)
      #expect(try !store.readers().contains { $0.processID == parked.processID })
      try store.close()
    }
  }

  @Test("The slot of a killed reader is swept while the store stays open, and its pages are used again")
  func killedReader() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      let parked = try DriverProcess("park", path)
      try parked.expect("parked")
      for round in 0..<10 { try rewrite(numbers, round) }
      parked.kill()
      let swept = try waitUntil { try !store.readers().contains { $0.processID == parked.processID } }
      #expect(swept, "nobody has swept the slot of the killed reader")
      for round in 0..<4 { try rewrite(numbers, round) }
      let size = try store.info().fileSize
      for round in 0..<40 { try rewrite(numbers, round) }
      #expect(try store.info().fileSize <= size + size / 4, "the file goes on growing")
      try store.close()
    }
  }

  @Test("A killed process whose pin protected a checkpoint is swept after there is a new checkpoint")
  func deadPin() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers, count: 60_000)
      try waitUntilClean(store)
      let pinning = try DriverProcess("pin", path, "60000")
      try pinning.expect("pinned")
      let generation = try checkpointGeneration(path)
      #expect(try store.readers().contains { $0.processID == pinning.processID && $0.isCheckpoint })
      pinning.kill()
      #expect(try store.readers().contains { $0.processID == pinning.processID }, "it was swept without a checkpoint")
      #expect(try checkpointGeneration(path) == generation)
      // The first write starts the watch, and makes the checkpoint where it does not find one made.
      try store.scope("others").set("one", 1)
      let swept = try waitUntil { try !store.readers().contains { $0.processID == pinning.processID } }
      #expect(swept)
      #expect(try checkpointGeneration(path) > generation)
      try store.close()
    }
  }

  @Test("A pin ends soon after another process has made the next checkpoint, though its owner only waits")
  func stalePin() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      try fill(store.scope("numbers", of: String.self), count: 60_000)
      try waitUntilClean(store)
      let pinning = try DriverProcess("pin", path, "60000")
      try pinning.expect("pinned")
      try store.scope("others").set("one", 1)
      let ended = try waitUntil {
        try !store.readers().contains { $0.processID == pinning.processID && $0.transactionID != nil }
      }
      #expect(ended, "the pin keeps pages for nothing")
      pinning.kill()
      try store.close()
    }
  }

  @Test("Opening a store makes a checkpoint before it sweeps one whose pin protected the last")
  func deadPinAtOpening() throws {
    try withStorePath(.soundToOthers) { path in
      // It keeps the control page alive, and writes nothing.
      let witness = try DriverProcess("obey", path)
      try witness.expect("ready")
      let store = try Store(path: path)
      try fill(store.scope("numbers", of: String.self), count: 60_000)
      try store.close()
      let pinning = try DriverProcess("pin", path, "60000")
      try pinning.expect("pinned")
      let generation = try checkpointGeneration(path)
      pinning.kill()
      let again = try Store(path: path)
      #expect(try !again.readers().contains { $0.processID == pinning.processID })
      #expect(try checkpointGeneration(path) > generation)
      try again.close()
      #expect(witness.finish() == 0)
    }
  }
}

/// Fills a scope with some pages.
func fill(_ scope: Scope<String>, count: Int = 1_000) throws {
  for start in stride(from: 0, to: count, by: 1_000) {
    try scope.store.transaction(durability: .relaxed()) { tx in
      for key in start..<min(start + 1_000, count) { try tx[scope].set("\(key)", String(repeating: "x", count: 400)) }
    }
  }
}

/// Writes all that ``fill(_:count:)`` has written anew.
func rewrite(_ scope: Scope<String>, _ round: Int) throws {
  try scope.store.transaction(durability: .relaxed()) { tx in
    for key in 0..<1_000 { try tx[scope].set("\(key)", String(repeating: "\(round % 10)", count: 400)) }
  }
}

/// Waits until nobody pins, so that the next process that writes much will.
private func waitUntilClean(_ store: Store) throws {
  #expect(try waitUntil { try !store.readers().contains(where: \.isCheckpoint) })
}

/// Looks until it is so, for as long as even a busy machine could need.
func waitUntil(_ isSo: () throws -> Bool) throws -> Bool {
  for _ in 0..<600 {
    if try isSo() { return true }
    Thread.sleep(forTimeInterval: 0.05)
  }
  return false
}

/// The generation of the newest checkpoint in the file.
private func checkpointGeneration(_ path: String) throws -> UInt64 {
  let data = try Data(contentsOf: URL(fileURLWithPath: path + "/checkpoint"))
  return [0, 4_096].map { start in
    data.count < start + 24 ? 0 : (0..<8).reduce(0) { $0 | UInt64(data[start + 16 + $1]) << (8 * UInt64($1)) }
  }.max() ?? 0
}
