import Foundation
import LMKV
import Testing

/// Each code block of the BotFleet document, in its order, and items B1 to B7.
@Suite struct BotFleetTests {
  @Test func `B1: a store is used like a dictionary`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        let bot = tx["bot"]
        #expect(bot["color"] == nil)
        bot["color"] = "red"
        bot["color"] = nil
        bot["shape"] = "circle"
        bot["size"] = 3
        var keys: [String] = []
        for key in bot.keys() { keys.append(key) }
        #expect(keys == ["shape", "size"])
        try #expect(bot.count() == 2)
        try #expect(!bot.contains("color"))
        #expect(bot["color", default: "red"] == "red")
        #expect(bot.map { "\($0.key): \($0.value)" } == ["shape: \"circle\"", "size: 3"])
        #expect(Array(bot.values()) == ["circle", 3])
        try bot.clear()
        try #expect(bot.isEmpty)
      }
    }
  }

  @Test func `B2: values of every kind are kept, and null is one`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        let bot = tx["bot"]
        for value: Value in ["value", 1, 1.1, false, ["key": 1], [1, 2, 3]] {
          bot["key"] = value
          #expect(bot["key"] == value)
        }
        bot["key"] = Value.null
        #expect(bot["key"] == .some(.null))
        #expect(bot["key", default: "d" as Value] == .null)
        try #expect(bot.contains("key"))
        try #expect(bot.count() == 1)
        #expect(Array(bot.keys()) == ["key"])
      }
    }
  }

  @Test func `B3: an error rolls every key back and goes on to the caller`() throws {
    struct ValueError: Error {}
    try withFreshStore { store in
      try store.transaction { tx in
        tx["bot"]["color"] = "red"
        tx["bot"]["shape"] = "circle"
        tx["bot"]["gone"] = 1
      }
      func helper() throws { throw ValueError() }
      #expect(throws: ValueError.self) {
        try store.transaction { tx in
          tx["bot"]["color"] = "green"
          tx["bot"]["shape"] = "rectangle"
          tx["bot"]["new"] = 1
          tx["bot"]["gone"] = nil
          #expect(tx["bot"]["color"] == "green")
          try helper()
        }
      }
      try store.read { snapshot in
        #expect(snapshot["bot"]["color"] == "red")
        #expect(snapshot["bot"]["shape"] == "circle")
        #expect(Array(snapshot["bot"].keys()) == ["color", "gone", "shape"])
      }
    }
  }

  @Test func `B4: two bots that run at once are counted twice`() throws {
    try withFreshStore { store in
      let bots = [try OtherProcess(store.path), try OtherProcess(store.path)]
      for bot in bots { try bot.tell(["run", "bot", "500"]) }
      for bot in bots { try #expect(bot.answer() == "done") }
      for bot in bots { try bot.finish() }
      try #expect(store.scope("bot").get("run") == 1_000)
    }
  }

  @Test func `B5: the lock of a store does not hold up another store`() throws {
    try withFreshStore { first in
      try withFreshStore { second in
        try first.transaction { tx in
          tx["bot"]["x"] = 1
          try second.scope("bot").set("x", 2)
        }
        try #expect(first.scope("bot").get("x") == 1)
        try #expect(second.scope("bot").get("x") == 2)
      }
    }
  }

  @Test func `B6: a store outlives the bot that wrote to it`() throws {
    try withTemporaryDirectory { directory in
      let bot = try OtherProcess(directory.path(of: "store"))
      try #expect(bot.ask("set", "bot", "color", "red") == "done")
      try bot.finish()
      try #expect(Store(path: directory.path(of: "store")).scope("bot").get("color") == "red")
    }
  }
}
