import LMDB
import Testing

@testable import LMKV

@Suite("The expiry index")
struct ExpiryIndexTests {
  @Test("Entries with the same expiry and the same hash are both there, and are swept and removed one by one")
  func collision() throws {
    // Two keys whose FNV-1a of 64 bits is the same.
    let keys = ["8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"]
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(keys.map { ($0, 1) }, expires: .seconds(1))
      #expect(try store.places() == 1)
      #expect(try store.indexedEntries().map(\.key) == keys)
      try scope.touch(keys[0], expires: .seconds(2))
      #expect(try store.places() == 2)
      try scope.touch(keys[1], expires: .seconds(2))
      #expect(try store.places() == 1)
      try scope.remove(keys[0])
      #expect(try store.indexedEntries().map(\.key) == [keys[1]])
      try scope.set(keys[0], 1, expires: .seconds(2))
      clock.advance(by: .seconds(2))
      #expect(try scope.count() == 0)
      #expect(try store.sweepExpired() == .init(removed: 2, hasMore: false))
      #expect(try store.expiringEntries().isEmpty)
      #expect(try store.indexedEntries().isEmpty)
    }
  }

  @Test("The hash is FNV-1a of the published test vectors")
  func hash() {
    func hash(_ text: String) -> UInt64 {
      var hash = FNV1a()
      for byte in text.utf8 { hash.combine(byte: byte) }
      return hash.value
    }
    #expect(hash("") == 0xCBF2_9CE4_8422_2325)
    #expect(hash("a") == 0xAF63_DC4C_8601_EC8C)
    #expect(hash("foobar") == 0x8594_4171_F739_67E8)
  }

  @Test("Extending an expiry again and again leaves one pair in the index")
  func sliding() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      for step in 1...20 {
        clock.advance(by: .milliseconds(1))
        if step.isMultiple(of: 2) {
          try scope.set("k", step, expires: .days(30))
        } else {
          try scope.touch("k", expires: .days(30))
          try scope.update("k", default: 0, expires: .days(30)) { $0 += 1 }
        }
      }
      #expect(try store.indexedEntries().count == 1)
      try scope.remove("k")
      #expect(try store.indexedEntries().isEmpty)
    }
  }

  @Test("A stale pair goes when it is due, and nothing else with it")
  func stale() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["cleared": 1, "gone": 2], expires: .seconds(1))
      try scope.clear()
      try scope.set("overwritten", 1, expires: .seconds(1))
      try scope.set("overwritten", 2)
      try scope.set("cleared", 3)
      #expect(try store.indexedEntries().count == 3)
      clock.advance(by: .seconds(1))
      #expect(try scope.count() == 2)
      #expect(try store.sweepExpired() == .init(removed: 0, hasMore: false))
      #expect(try store.indexedEntries().isEmpty)
      #expect(try scope.getAll().map(\.value) == [3, 2])
    }
  }

  @Test("A stale pair that is written again counts once")
  func revived() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .seconds(1))
      try scope.set("k", 2)
      try scope.set("k", 3, expires: .seconds(1))
      #expect(try store.indexedEntries().count == 1)
      clock.advance(by: .seconds(1))
      #expect(try scope.count() == 0)
      #expect(try store.sweepExpired().removed == 1)
    }
  }

  @Test("A copied scope expires on its own, a renamed one as before, and a dropped one leaves nothing to count")
  func managedScopes() throws {
    try withClockedStore { store, clock in
      let scope = store.scope("s", of: Int.self)
      try scope.set((0..<100).map { ("k\($0)", $0) }, expires: .seconds(1))
      try scope.set("stays", 1)
      try store.transaction { tx in
        #expect(try tx.copyScope("s", to: "copy") == 101)
        try tx.renameScope("s", to: "t")
        try tx.copyScope("copy", to: "dropped")
        try tx.dropScope("dropped")
      }
      try store.checkExpiryIndex()
      try store.scope("dropped", of: Int.self).set("k1", 1)
      clock.advance(by: .seconds(1))
      #expect(try store.scope("copy").count() == 1)
      #expect(try store.scope("t").count() == 1)
      #expect(try store.scope("dropped").count() == 1)
      #expect(try store.sweepExpired().removed == 200)
      #expect(try store.expiringEntries().isEmpty)
      #expect(try store.indexedEntries().isEmpty)
    }
  }

  @Test("Removing by a pattern leaves no wrong count behind")
  func removedByPattern() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set(["a1": 1, "a2": 2, "b1": 3], expires: .seconds(1))
      try scope.set("a3", 1)
      #expect(try scope.removeAll(.prefix("a")) == 3)
      clock.advance(by: .seconds(1))
      #expect(try scope.count() == 0)
      #expect(try store.sweepExpired().removed == 1)
      #expect(try scope.count() == 0)
    }
  }

  @Test("What a savepoint or a transaction undoes is undone in the index too")
  func rollback() throws {
    struct Stop: Error {}
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("k", 1, expires: .seconds(10))
      let before = try store.indexedEntries()
      try store.transaction { tx in
        try tx[scope].set("l", 1, expires: .seconds(5))
        _ = try? tx.savepoint {
          try tx[scope].touch("k", expires: .seconds(20))
          try tx[scope].set("m", 1, expires: .seconds(5))
          throw Stop()
        }
      }
      #expect(try store.indexedEntries().map(\.key) == ["l", "k"])
      #expect(try Set(store.indexedEntries()).isSuperset(of: before))
      #expect(throws: Stop.self) {
        try store.transaction { tx in
          try tx[scope].remove("k")
          throw Stop()
        }
      }
      #expect(try store.indexedEntries().map(\.key) == ["l", "k"])
    }
  }
}

extension Store {
  /// How many keys the index has.
  fileprivate func places() throws -> Int {
    try read { snapshot in
      guard let index = try snapshot.expiryIndex() else { return 0 }
      return try index.transaction.statistics(index.database).entries
    }
  }
}
