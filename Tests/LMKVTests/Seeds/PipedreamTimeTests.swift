import Foundation
import LMKV
import Testing

/// P12, which is newer than the Pipedream document, and what that leaves open.
@Suite struct PipedreamTimeTests {
  @Test func `P12: an expiry is set with the value, later, or taken away`() throws {
    try withClockedStore { store, clock in
      let data = store.scope("data")
      try data.set("temporary", "x", expires: .hours(1))
      try #expect(data.timeToLive("temporary") == .remaining(.seconds(3_600)))
      try #expect(data.touch("temporary", expires: .days(1)))
      try #expect(data.timeToLive("temporary") == .remaining(.seconds(86_400)))
      try #expect(data.persist("temporary"))
      try #expect(data.timeToLive("temporary") == .forever)
      try #expect(!data.touch("absent", expires: .hours(1)))
      clock.advance(by: .seconds(100_000))
      try #expect(data.get("temporary") == "x")
    }
  }

  @Test func `P12: a record is created if it is not found, once, and several are added or updated together`() throws {
    try withFreshStore { store in
      let data = store.scope("data")
      var made = 0
      for _ in 0..<3 {
        let value = try data.getOrSet("profile") {
          made += 1
          return ["visits": 0]
        }
        #expect(value == ["visits": 0])
      }
      #expect(made == 1)
      try data.set(["profile": ["visits": 1], "other": 2])
      try #expect(data.getAll().map(\.key) == ["other", "profile"])
      try #expect(data.get("profile") == ["visits": 1])
    }
  }

  @Test func `P12: a large scope is exported in chunks, and removed in steps`() throws {
    try withFreshStore { store in
      let data = store.scope("data", of: Int.self)
      try data.set((0..<1_000).map { (String(format: "%04d", $0), $0) })
      var exported: [Int] = []
      var next: KeySelection? = .all
      while let rest = next {
        let page = try data.page(rest, limit: 300)
        exported += page.entries.map(\.value)
        try data.remove(page.entries.map(\.key))
        next = page.next
      }
      #expect(exported == Array(0..<1_000))
      try #expect(data.isEmpty)
    }
  }

  @Test func `P12: counters of many tasks lose nothing`() async throws {
    try await withFreshStore { store in
      let data = store.scope("data", of: Int.self)
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 { group.addTask { for _ in 0..<25 { try await data.async.increment("runs") } } }
        try await group.waitForAll()
      }
      try #expect(data.get("runs") == 200)
    }
  }

  @Test func `P trap: a limit for a window of time is kept by counting, and a plain set ends the window`() throws {
    try withClockedStore { store, clock in
      let hits = store.scope("hits", of: Int.self)
      for hit in 1...3 {
        try #expect(hits.increment("ada", expires: .kept(or: .seconds(60))) == hit)
        clock.advance(by: .seconds(10))
      }
      try #expect(hits.timeToLive("ada") == .remaining(.seconds(30)))
      clock.advance(by: .seconds(30))
      try #expect(hits.increment("ada", expires: .kept(or: .seconds(60))) == 1)
      // The recipe of its own documents assigns plainly: here the expiry is gone then, unless it is kept.
      try hits.set("ada", 2, expires: .kept)
      try #expect(hits.timeToLive("ada") == .remaining(.seconds(60)))
      try hits.set("ada", 3)
      try #expect(hits.timeToLive("ada") == .forever)
    }
  }

  @Test func `P4 trap: deleting what is missing is no error, and says so`() throws {
    try withFreshStore { store in
      try #expect(!store.scope("data").remove("missing"))
      try #expect(store.scopes == [])
    }
  }
}
