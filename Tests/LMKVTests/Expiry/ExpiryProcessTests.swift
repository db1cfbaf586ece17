import Testing

@testable import LMKV

@Suite("Expiry in two processes")
struct ExpiryProcessTests {
  @Test("What one process lets expire is gone for another at once, which may then write and sweep it")
  func otherProcess() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      let clock = ManualClock()
      let store = try Store(path: path, clock: clock)
      let scope = store.scope("s", of: Int.self).async
      try await scope.set("k", 1, expires: .seconds(1))
      try await scope.set("l", 1, expires: .seconds(1))
      try await scope.set("m", 1, expires: .seconds(2))
      let now = clock.now

      await #expect(processExitsWith: .success) { [path = path as String, now = now as Int64] in
        let store = try Store(path: path, clock: ManualClock(now + 999))
        #expect(try store.scope("s", of: Int.self).count() == 3)
        try store.close()
      }
      await #expect(processExitsWith: .success) { [path = path as String, now = now as Int64] in
        let store = try Store(path: path, clock: ManualClock(now + 1_000))
        let scope = store.scope("s", of: Int.self)
        #expect(try scope.get("k") == nil)
        #expect(try scope.count() == 1)
        #expect(try await scope.async.setIfAbsent("k", 2, expires: .seconds(5)).isApplied)
        #expect(try scope.count() == 2)
        #expect(try await store.async.sweepExpired().hasMore == false)
        try store.close()
      }

      // This process, which is at the old time still, sees what the other wrote and did not sweep.
      #expect(try store.expiringEntries().map(\.key) == ["k", "m"])
      #expect(try await scope.getAll().map(\.value) == [2, 1])
      clock.now = now + 6_000
      #expect(try await scope.count() == 0)
      try store.checkExpiryIndex()
      try store.close()
    }
  }
}
