import Foundation
import Testing

@testable import LMKV

@Suite("Sweeping")
struct SweepTests {
  @Test("A sweep removes what has expired from all scopes and leaves the rest")
  func sweep() throws {
    try withClockedStore { (store, clock) throws in
      let scopes = ["a", "b", "c"].map { store.scope($0, of: Int.self) }
      for scope in scopes {
        try scope.set("old", 1, expires: .seconds(1))
        try scope.set("young", 1, expires: .seconds(9))
        try scope.set("stays", 1)
      }
      clock.advance(by: .seconds(1))
      #expect(try store.sweepExpired() == .init(removed: 3, hasMore: false))
      for scope in scopes { #expect(try scope.getAll().map(\.key) == ["stays", "young"]) }
      #expect(try store.indexedEntries().count == 3)
      #expect(try store.sweepExpired() == .init(removed: 0, hasMore: false))
    }
  }

  @Test("A sweep stops at its limit and says that there is more")
  func limit() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set((0..<25).map { ("k\($0)", $0) }, expires: .seconds(1))
      clock.advance(by: .seconds(1))
      #expect(try store.sweepExpired(limit: 10) == .init(removed: 10, hasMore: true))
      #expect(try store.sweepExpired(limit: 15) == .init(removed: 15, hasMore: false))
      #expect(throws: LMKVError.self) { try store.sweepExpired(limit: 0) }
    }
  }

  @Test("A large sweep takes several transactions of at most a thousand entries")
  func steps() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set((0..<2_500).map { ("k\($0)", $0) }, expires: .seconds(1))
      clock.advance(by: .seconds(1))
      let before = try store.read { $0.revision }
      #expect(try store.sweepExpired() == .init(removed: 2_500, hasMore: false))
      #expect(try store.read { $0.revision } == before + 3)
      #expect(try scope.count() == 0)
    }
  }

  @Test("When nothing has expired a sweep is no transaction")
  func nothing() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .seconds(1))
      let before = try store.read { $0.revision }
      #expect(try store.sweepExpired() == .init(removed: 0, hasMore: false))
      #expect(try store.read { $0.revision } == before)
    }
  }

  @Test("Writers remove what has expired in passing, a bounded part at a time, and keep up")
  func inPassing() throws {
    try withClockedStore { (store, clock) throws in
      let expiring = store.scope("expiring", of: Int.self)
      let other = store.scope("other", of: Int.self)
      try expiring.set((0..<100).map { ("k\($0)", $0) }, expires: .seconds(1))
      try other.set("k", 1)
      #expect(try store.indexedEntries().count == 100)
      clock.advance(by: .seconds(1))
      try other.set("k", 2)
      #expect(try store.indexedEntries().count == 84)
      for value in 3...10 { try other.set("k", value) }
      #expect(try store.indexedEntries().isEmpty)
      #expect(try store.expiringEntries().isEmpty)

      // A writer whose every transaction adds many gets rid of as many.
      for round in 0..<5 {
        try expiring.set((0..<200).map { ("r\(round)-\($0)", $0) }, expires: .seconds(1))
        clock.advance(by: .seconds(1))
      }
      #expect(try store.indexedEntries().count <= 400)
    }
  }

  @Test("What another process wrote is noticed a minute later, and after the clock was set back")
  func schedule() {
    let schedule = ExpirySchedule()
    #expect(schedule.isDue(at: 1_000))
    schedule.looked(at: 1_000, earliest: nil)
    #expect(!schedule.isDue(at: 60_999))
    #expect(schedule.isDue(at: 61_000))
    schedule.looked(at: 1_000, earliest: 5_000)
    #expect(!schedule.isDue(at: 4_999))
    #expect(schedule.isDue(at: 5_000))
    schedule.note(2_000)
    #expect(schedule.isDue(at: 2_000))
    schedule.looked(at: 10_000_000, earliest: nil)
    #expect(schedule.isDue(at: 1_000))
    schedule.looked(at: .max, earliest: nil)
    #expect(schedule.isDue(at: .max))
  }

  @Test("The sweeper sweeps again and again, and returns when its task is cancelled")
  func sweeper() async throws {
    try await withClockedStore { (store, clock) async throws in
      let scope = store.scope("s", of: Int.self).async
      let sweeping = Task { try await store.sweeper(every: .milliseconds(1)).run() }
      for _ in 0..<3 {
        try await scope.set("k", 1, expires: .seconds(1))
        clock.advance(by: .seconds(1))
        while try !store.indexedEntries().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
      }
      sweeping.cancel()
      try await sweeping.value
      #expect(try store.expiringEntries().isEmpty)
    }
  }

  @Test("A sweeper with no pause is refused, and one with the longest is none that traps")
  func sweeperIntervals() async throws {
    try await withStore { store async throws in
      for interval in [Duration.zero, .seconds(-1)] {
        await expectError(.invalidArgument, naming: "above zero") { try await store.sweeper(every: interval).run() }
      }
      let sweeping = Task { try await store.sweeper(every: .seconds(Int64.max)).run() }
      try await Task.sleep(for: .milliseconds(20))
      sweeping.cancel()
      try await sweeping.value
    }
  }

  @Test("A store that was opened for reading only is not swept")
  func readOnly() throws {
    try withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      try Store(path: path).close()
      let store = try Store(path: path, configuration: .init(access: .readOnly))
      let error = #expect(throws: LMKVError.self) { try store.sweepExpired() }
      #expect(error?.code == .readOnly)
    }
  }
}
