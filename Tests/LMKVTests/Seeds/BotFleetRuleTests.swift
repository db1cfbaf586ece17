import Foundation
import LMKV
import Testing

/// What the BotFleet document demands besides its code blocks, and what it leaves unsaid.
@Suite struct BotFleetRuleTests {
  @Test func `B2: what cannot be stored is an error, and the key is left as it was`() throws {
    struct Object: Codable, Sendable {
      func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(self, .init(codingPath: [], debugDescription: "an object is no data"))
      }

      init() {}
      init(from decoder: any Decoder) throws {}
    }
    try withFreshStore { store in
      try store.scope("bot").set("key", "value")
      expectError(.encodingFailed, naming: "key") { try store.scope("bot", of: Object.self).set("key", Object()) }
      try #expect(store.scope("bot").get("key") == "value")
    }
  }

  @Test func `B2 trap: null is there, and a default does not stand in for it`() throws {
    try withFreshStore { store in
      let bot = store.scope("bot")
      try bot.set("null", nil)
      try #expect(bot.contains("null"))
      try #expect(bot.count() == 1)
      try #expect(bot.get("null", default: "d") == .null)
      try #expect(bot.get("absent", default: "d") == "d")
      try #expect(bot.require("null") == .null)
    }
  }

  @Test func `B3: money goes from one account to the other, or stays`() throws {
    struct Overdrawn: Error {}
    try withFreshStore { store in
      let accounts = store.scope("accounts", of: Int.self)
      try accounts.set(["ada": 100, "bob": 0])
      func transfer(_ amount: Int) throws {
        try store.transaction { tx in
          try tx[accounts].increment("bob", by: amount)
          if try tx[accounts].increment("ada", by: -amount) < 0 { throw Overdrawn() }
        }
      }
      try transfer(70)
      #expect(throws: Overdrawn.self) { try transfer(70) }
      try #expect(accounts.getAll().map(\.value) == [30, 70])
    }
  }

  @Test func `B3: a part of a transaction is rolled back alone`() throws {
    struct ValueError: Error {}
    try withFreshStore { store in
      try store.transaction { tx in
        tx["bot"]["color"] = "green"
        #expect(throws: ValueError.self) {
          try tx.savepoint {
            tx["bot"]["shape"] = "rectangle"
            throw ValueError()
          }
        }
      }
      try #expect(store.scope("bot").keys() == ["color"])
    }
  }

  @Test func `B4: without a transaction around it an update of one key loses nothing either`() async throws {
    try await withFreshStore { store in
      let bot = store.scope("bot", of: Int.self)
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask { for _ in 0..<25 { try await bot.async.update("run", default: 0) { $0 += 1 } } }
        }
        try await group.waitForAll()
      }
      try #expect(bot.get("run") == 200)
    }
  }

  @Test func `B5: the lock goes to the next when its holder is killed, and nothing of the holder's is kept`() throws {
    try withStorePath { path throws in
      let holder = try DriverProcess("hold", path)
      try holder.expect("holding")
      holder.kill()
      let store = try Store(path: path)
      try store.scope("held").set("next", 1)
      #expect(try store.scope("held").keys() == ["next"])
      try store.close()
    }
  }

  @Test func `B5: the lock is released after an error, and a transaction inside another is refused`() throws {
    struct ValueError: Error {}
    try withFreshStore { store in
      #expect(throws: ValueError.self) { try store.transaction { _ in throw ValueError() } }
      try store.transaction { tx in
        tx["bot"]["color"] = "red"
        expectError(.nestedTransaction) { try store.transaction { _ in } }
      }
      try #expect(store.scope("bot").get("color") == "red")
    }
  }

  @Test func `B7: stores are created, listed, renamed and deleted, and keep their identity`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      for name in ["b", "a", "c"] { try stores.create(name).close() }
      try #expect(stores.list().map(\.name) == ["a", "b", "c"])
      let first = try stores.open("a")
      let identity = first.uuid
      try first.close()
      try stores.rename("a", to: "z")
      let renamed = try stores.open("z")
      #expect(renamed.uuid == identity)
      try renamed.close()
      try stores.delete("b")
      try #expect(stores.names() == ["c", "z"])
      expectError(.storeExists, naming: "c") { _ = try stores.create("c") }
      expectError(.notFound) { _ = try stores.open("b") }
    }
  }
}
