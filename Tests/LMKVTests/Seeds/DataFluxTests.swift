import Foundation
import LMKV
import Testing

/// Each code block of the DataFlux document, in its order, and items D1 to D8. Patterns are in `RemovalTests`.
@Suite struct DataFluxTests {
  static let users: [String: Value] = ["user:user-001": ["name": "User A"], "user:user-002": ["name": "User B"]]

  @Test func `D1: a value is set with an expiry or without, or only if there is none`() throws {
    try withClockedStore { store, clock in
      let users = store.scope("users")
      try users.set("user:user-001", ["name": "User A"])
      try #expect(users.get("user:user-001") == ["name": "User A"])
      try #expect(users.timeToLive("user:user-001") == .forever)
      try users.set("user:user-002", ["name": "User B"], expires: .seconds(60))
      try #expect(users.timeToLive("user:user-002") == .remaining(.seconds(60)))
      try #expect(!users.setIfAbsent("user:user-001", 1).isApplied)
      try #expect(users.setIfAbsent("user:user-003", 1, expires: .seconds(1)).isApplied)
      try #expect(users.get("user:user-001") == ["name": "User A"])
      clock.advance(by: .seconds(60))
      try #expect(users.keys() == ["user:user-001"])
    }
  }

  @Test func `D2: without a scope it is the program's own`() throws {
    try withFreshStore { store in
      try store.defaultScope.set("key", "mine")
      try store.scope("users").set("key", "theirs")
      try #expect(store.defaultScope.get("key") == "mine")
      try #expect(store.scope("users").get("key") == "theirs")
      try #expect(store.scopes.contains(store.defaultScope.name))
    }
  }

  @Test func `D3: what is read is of the type that was written`() throws {
    try withFreshStore { store in
      let scope = store.scope("types")
      let values: [String: Value] = [
        "int": 1, "float": 1.0, "bool": true, "zero": 0, "false": false, "null": nil, "text": "1", "empty": "",
        "list": [1, 1.0, true, nil], "dict": ["1": [:]],
      ]
      try scope.set(values)
      for (key, value) in values { try #expect(scope.require(key) == value) }
      // Equal to Python, and four different things here.
      try #expect(Set(["int", "float", "bool", "text"].map { try scope.require($0) }).count == 4)
      try #expect(scope.require("null") == .null)
    }
  }

  @Test func `D4: many are set at once, with one expiry for all`() throws {
    try withClockedStore { store, clock in
      let users = store.scope("users")
      try users.set(Self.users, expires: .seconds(60))
      for key in Self.users.keys { try #expect(users.timeToLive(key) == .remaining(.seconds(60))) }
      clock.advance(by: .seconds(60))
      try #expect(users.isEmpty)
    }
  }

  @Test func `D5: several are read by their keys, all at once, or by a pattern, and one is deleted`() throws {
    try withFreshStore { store in
      let users = store.scope("users")
      try users.set(Self.users)
      let two = try users.get(["user:user-001", "user:user-002"])
      #expect(two.map(\.key) == ["user:user-001", "user:user-002"])
      #expect(two.map(\.value) == [["name": "User A"], ["name": "User B"]])
      let all = try users.getAll()
      #expect(Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0.value) }) == Self.users)
      #expect(all.map(\.key) == ["user:user-001", "user:user-002"])
      try #expect(users.getAll(.matching("*-001")).map(\.value) == [["name": "User A"]])
      try #expect(users.remove("user:user-001"))
      try #expect(users.keys() == ["user:user-002"])
      try #expect(users.removeAll(.matching("*:user-001")) == 0)
    }
  }

  @Test func `D6: what has expired is in no list, no pattern and no answer`() throws {
    try withClockedStore { store, clock in
      let users = store.scope("users")
      try users.set("user:user-001", 1, expires: .seconds(5))
      try users.set("user:user-002", 2)
      clock.advance(by: .seconds(5))
      try #expect(users.get("user:user-001") == nil)
      try #expect(!users.contains("user:user-001"))
      try #expect(users.keys() == ["user:user-002"])
      try #expect(users.keys(.matching("*-001")) == [])
      try #expect(users.getAll().map(\.key) == ["user:user-002"])
      try #expect(users.get(["user:user-001"]).map(\.value) == [nil])
      try #expect(users.count() == 1)
      try #expect(users.removeAll(.matching("*")) == 1)
    }
  }

  @Test func `D8: what its users ask of the cache next is there, and keeps types`() throws {
    try withClockedStore { store, clock in
      let cache = store.scope("cache")
      try #expect(!cache.setIfPresent("color", "red").isApplied)
      try #expect(cache.exchange("color", "red") == nil)
      try #expect(cache.exchange("color", "green") == "red")
      try #expect(cache.setIfPresent("color", "blue").isApplied)
      try #expect(cache.touch("color", expires: .seconds(3)))
      try #expect(cache.timeToLive("color") == .remaining(.seconds(3)))
      let date = Date(timeIntervalSince1970: Double(clock.now) / 1_000 + 9)
      try #expect(cache.touch("color", expires: .at(date)))
      try #expect(cache.entry("color")?.expires == date)
      try #expect(cache.increment("runs") == 1)
      try #expect(cache.increment("runs", by: 5) == 6)
      try #expect(cache.append("list", "a") == 1)
      try #expect(cache.append("list", 2) == 2)
      // A hash is a value with parts.
      try cache.set("hash", [:])
      try store.transaction { tx in
        tx["cache"]["hash"]?["count"] = 1
        tx["cache"]["hash"]?["name"] = "Ada"
      }
      try #expect(cache.get("hash") == ["count": 1, "name": "Ada"])
      try #expect(cache.get("list") == ["a", 2])
      try #expect(cache.get("runs") == 6)
      try #expect(cache.count() == 4)
    }
  }
}
