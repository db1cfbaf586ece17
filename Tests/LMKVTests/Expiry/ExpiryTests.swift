import Foundation
import LMKV
import Testing

@Suite("Expiry")
struct ExpiryTests {
  @Test("An entry lives to the last millisecond before its expiry and not to the next")
  func lastMillisecond() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .milliseconds(5))
      clock.advance(by: .milliseconds(4))
      #expect(try scope.get("k") == 1)
      #expect(try scope.timeToLive("k") == .remaining(.milliseconds(1)))
      clock.advance(by: .milliseconds(1))
      #expect(try scope.get("k") == nil)
      #expect(try scope.timeToLive("k") == nil)
    }
  }

  @Test("Every way of reading hides an expired entry at once")
  func hidden() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["a-001": 1, "b-001": 2, "c-002": 3])
      try scope.set("b-001", 2, expires: .seconds(1))
      #expect(try scope.count() == 3)
      clock.advance(by: .seconds(1))

      #expect(try scope.get("b-001") == nil)
      #expect(try scope.get("b-001", default: 9) == 9)
      #expect(try scope.entry("b-001") == nil)
      #expect(try !scope.contains("b-001"))
      #expect(throws: LMKVError.self) { try scope.require("b-001") }
      #expect(try scope.count() == 2)
      #expect(try scope.count(.matching("*-001")) == 1)
      #expect(try scope.getAll(.matching("*-001")).map(\.key) == ["a-001"])
      #expect(try scope.getAll().map(\.key) == ["a-001", "c-002"])
      #expect(try scope.get(["b-001", "c-002"]).map(\.value) == [nil, 3])
      #expect(try scope.remove("b-001") == false)
      #expect(try scope.remove(["a-001", "b-001"]) == 1)
      try store.read { (snapshot) throws in
        #expect(Array(snapshot[scope].keys()) == ["c-002"])
        #expect(Array(snapshot[scope].keys(.all.reversed())) == ["c-002"])
        #expect(try snapshot[scope].timeToLive("b-001") == nil)
      }
    }
  }

  @Test("A scope whose entries have all expired is empty, and clearing it counts none")
  func allExpired() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["a": 1, "b": 2], expires: .seconds(1))
      clock.advance(by: .seconds(2))
      #expect(try scope.count() == 0)
      #expect(try scope.isEmpty)
      #expect(try scope.clear() == 0)
      try scope.set("c", 3)
      #expect(try scope.count() == 1)
    }
  }

  @Test("Counting does not mistake the unswept entries of one scope for another's")
  func countByScope() throws {
    try withClockedStore { (store, clock) throws in
      let first = store.scope("first", of: Int.self)
      let second = store.scope("second", of: Int.self)
      try first.set("k", 1, expires: .seconds(1))
      try second.set("k", 1)
      try second.set("l", 1, expires: .seconds(9))
      clock.advance(by: .seconds(1))
      #expect(try first.count() == 0)
      #expect(try second.count() == 2)
    }
  }

  @Test("A plain set clears the expiry, also when it is written over an unswept one")
  func plainSet() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .seconds(1))
      try scope.set("k", 2)
      #expect(try scope.timeToLive("k") == .forever)
      try scope.set("l", 1, expires: .seconds(1))
      clock.advance(by: .seconds(5))
      try scope.set("l", 2)
      #expect(try scope.get("k") == 2)
      #expect(try scope.getAll().map(\.value) == [2, 2])
      #expect(try scope.count() == 2)
      try store.sweepExpired()
      #expect(try scope.count() == 2)
    }
  }

  @Test("What changes a value in place keeps its expiry, and set does when asked")
  func keeping() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      let left = TimeToLive.remaining(.seconds(10))
      try scope.set("k", 1, expires: .seconds(10))
      try scope.increment("k")
      #expect(try scope.timeToLive("k") == left)
      try scope.update("k", default: 0) { $0 += 1 }
      try scope.update("k") { $0? += 1 }
      try scope.raise("k", to: 100)
      try scope.lower("k", to: 50)
      #expect(try scope.timeToLive("k") == left)
      try scope.set("k", 7, expires: .kept)
      #expect(try scope.timeToLive("k") == left)
      #expect(try scope.get("k") == 7)
      let lists = store.scope("lists", of: [Int].self)
      try lists.set("k", [], expires: .seconds(10))
      try lists.append("k", 1)
      #expect(try lists.timeToLive("k") == left)
      clock.advance(by: .seconds(10))
      try scope.increment("k")
      #expect(try scope.get("k") == 1)
      #expect(try scope.timeToLive("k") == .forever)
      #expect(try lists.append("k", 2) == 1)
    }
  }

  @Test("A counter for a window of time gets its expiry from the first count only")
  func window() throws {
    try withClockedStore { (store, clock) throws in
      let hits = store.scope("hits", of: Int.self)
      #expect(try hits.increment("ip", expires: .kept(or: .seconds(60))) == 1)
      clock.advance(by: .seconds(59))
      #expect(try hits.increment("ip", expires: .kept(or: .seconds(60))) == 2)
      #expect(try hits.timeToLive("ip") == .remaining(.seconds(1)))
      clock.advance(by: .seconds(1))
      #expect(try hits.increment("ip", expires: .kept(or: .seconds(60))) == 1)
      #expect(try hits.timeToLive("ip") == .remaining(.seconds(60)))
    }
  }

  @Test("The expiry can be read, extended and removed, and the value stays")
  func touch() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: [String].self)
      try scope.set("k", ["v"], expires: .seconds(1))
      #expect(try scope.touch("k", expires: .minutes(1)))
      #expect(try scope.timeToLive("k")?.duration == .seconds(60))
      clock.advance(by: .seconds(30))
      #expect(try scope.get("k") == ["v"])
      #expect(try scope.persist("k"))
      #expect(try scope.timeToLive("k") == .forever)
      #expect(try scope.entry("k")?.expires == nil)
      #expect(try !scope.touch("absent", expires: .seconds(1)))
      #expect(try !scope.persist("absent"))
      #expect(try scope.touch(["k", "absent"], expires: .seconds(1)) == 1)
      clock.advance(by: .seconds(1))
      #expect(try !scope.touch("k", expires: .seconds(1)))
      #expect(try scope.persist(["k"]) == 0)
    }
  }

  @Test("A date is kept to the millisecond")
  func date() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      clock.now = 1_700_000_000_000
      let date = Date(timeIntervalSince1970: 1_700_000_000.123)
      try scope.set("k", 1, expires: .at(date))
      #expect(try scope.timeToLive("k") == .remaining(.milliseconds(123)))
      let expires = try #require(try scope.entry("k")?.expires)
      try scope.set("l", 1, expires: .at(expires))
      #expect(try scope.entry("l")?.expires == expires)
    }
  }

  // No parameters of the test, because Foundation cannot print a date that is no number.
  private static let invalid: [Expiry] = [
    .seconds(0), .milliseconds(-1), .after(.nanoseconds(-1)), .days(.min), .days(.max), .seconds(.max),
    .at(Date(timeIntervalSince1970: 1_000)), .at(Date(timeIntervalSince1970: 999)), .at(.distantPast),
    .at(Date(timeIntervalSince1970: -1e15)), .at(Date(timeIntervalSince1970: 1e300)),
    .at(Date(timeIntervalSince1970: .nan)), .at(Date(timeIntervalSince1970: .infinity)), .kept(or: .seconds(0)),
  ]

  @Test("A duration of zero or less, a date that is past and a time beyond counting are errors that write nothing")
  func invalid() throws {
    for expiry in Self.invalid { try expectRefused(expiry) }
  }

  private func expectRefused(_ expiry: Expiry) throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("there", 1)
      #expect(throws: Never.self) { try scope.set("there", 1, expires: .kept) }
      let before = try store.read { $0.revision }
      let writes: [() throws -> Void] = [
        { try scope.set("k", 1, expires: expiry) },
        { try scope.set(["k": 1], expires: expiry) },
        { try scope.setIfAbsent("k", 1, expires: expiry) },
        { try scope.setIfAbsent("there", 1, expires: expiry) },
        { try scope.setAllIfAbsent(["k": 1], expires: expiry) },
        { try scope.increment("k", expires: expiry) },
        { try scope.touch("there", expires: expiry) },
        { _ = try scope.exchange("k", 1, expires: expiry) },
        { _ = try scope.set("k", 1, ifRevision: nil, expires: expiry) },
      ]
      for write in writes {
        let error = try #require(throws: LMKVError.self) { try write() }
        #expect(error.code == .invalidArgument)
      }
      #expect(try scope.getAll().map(\.key) == ["there"])
      #expect(try store.read { $0.revision } == before)
    }
  }

  @Test("A part of a millisecond counts as a whole, and the shortest duration is one")
  func rounding() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .after(.nanoseconds(1)))
      #expect(try scope.timeToLive("k") == .remaining(.milliseconds(1)))
      try scope.set("k", 1, expires: .after(.microseconds(1_001)))
      #expect(try scope.timeToLive("k") == .remaining(.milliseconds(2)))
      try scope.set("k", 1, expires: .after(.microseconds(2_000)))
      #expect(try scope.timeToLive("k") == .remaining(.milliseconds(2)))
    }
  }

  @Test("A snapshot and a transaction have one moment from begin to end")
  func oneMoment() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .seconds(1))
      try store.read { (snapshot) throws in
        #expect(try snapshot[scope].contains("k"))
        clock.advance(by: .seconds(5))
        #expect(try snapshot[scope].contains("k"))
        #expect(try snapshot[scope].count() == 1)
        #expect(try !scope.contains("k"))
      }
    }
  }

  @Test("Times before 1970 are in order too")
  func negativeTimes() throws {
    try withClockedStore { (store, clock) throws in
      clock.now = -5_000
      let scope = store.scope("s", of: Int.self)
      try scope.set("late", 1, expires: .seconds(10))
      try scope.set("early", 1, expires: .seconds(1))
      #expect(try store.indexedEntries().map(\.key) == ["early", "late"])
      clock.now = -4_000
      #expect(try store.sweepExpired().removed == 1)
      #expect(try scope.getAll().map(\.key) == ["late"])
    }
  }

  @Test("The async methods do the same")
  func async() async throws {
    try await withClockedStore { (store, clock) async throws in
      let scope = store.scope("s", of: Int.self).async
      try await scope.set("k", 1, expires: .seconds(1))
      try await scope.increment("k")
      #expect(try await scope.timeToLive("k") == .remaining(.seconds(1)))
      #expect(try await scope.touch("k", expires: .seconds(3)))
      #expect(try await scope.touch(["k"], expires: .seconds(2)) == 1)
      clock.advance(by: .seconds(2))
      #expect(try await scope.get("k") == nil)
      #expect(try await !scope.persist("k"))
      #expect(try await scope.setIfAbsent("k", 5).isApplied)
      #expect(try await scope.persist(["k"]) == 1)
      #expect(try await scope.count() == 1)
    }
  }
}
