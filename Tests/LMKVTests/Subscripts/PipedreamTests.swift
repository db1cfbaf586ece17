import Foundation
import LMKV
import Testing

/// Each code block of the Pipedream document, in its order, and items P1 to P11.
@Suite struct PipedreamTests {
  @Test func `P1: a value is stored and retrieved`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        let data = tx["data"]
        data["key"] = "Hello World"
        #expect(data["key"] == "Hello World")
        data["key"] = "Goodbye"
        #expect(data["key"] == "Goodbye")
      }
      try #expect(store.scope("data").get("key") == "Goodbye")
    }
  }

  @Test func `A timestamp is saved as what it is`() throws {
    try withFreshStore { store in
      let now = Date(timeIntervalSince1970: 1_763_700_000)
      try store.transaction { $0["data"]["last_ran_at"] = now }
      try #expect(store.scope("data").get("last_ran_at")?.date == now)
      let read: Date? = try store.read { $0["data"]["last_ran_at"] }
      #expect(read == now)
    }
  }

  @Test func `P5: keys come lazily, and become a list when asked`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        for key in ["c", "a", "b"] { tx["data"][key] = 1 }
        #expect(Array(tx["data"].keys()) == ["a", "b", "c"])
        #expect(tx["data"].keys().joined(separator: ",") == "a,b,c")
      }
      try #expect(store.scope("data").keys() == ["a", "b", "c"])
    }
  }

  @Test func `P4: a key is there or not, and is deleted`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        let data = tx["data"]
        data["last_ran_at"] = "today"
        try #expect(data.contains("last_ran_at"))
        data["last_ran_at"] = nil
        try #expect(!data.contains("last_ran_at"))
        // Deleting what is not there is no error; remove says whether it was there.
        data["last_ran_at"] = nil
        try #expect(data.remove("last_ran_at") == false)
      }
    }
  }

  @Test func `P2, P3: a missing key is nil, the default, or an error that names it`() throws {
    try withFreshStore { store in
      let data = store.scope("data")
      try #expect(data.get("last_ran_at") == nil)
      try #expect(data.get("last_ran_at", default: "never") == "never")
      try #expect(!data.contains("last_ran_at"))
      expectError(.keyNotFound, naming: "last_ran_at", "data") { _ = try data.require("last_ran_at") }
    }
  }

  @Test func `P5: all records are retrieved as pairs`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        tx["data"]["b"] = [1, 2]
        tx["data"]["a"] = ["x": 1.5]
        var records: [String: Value] = [:]
        for (key, value) in tx["data"] { records[key] = value }
        #expect(records == ["a": ["x": 1.5], "b": [1, 2]])
      }
    }
  }

  @Test func `P7: an empty string removes the value and keeps the key`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        tx["data"]["myKey"] = "newValue"
        tx["data"]["myKey"] = ""
      }
      let data = store.scope("data")
      try #expect(data.contains("myKey"))
      try #expect(data.get("myKey") == "")
      try #expect(data.keys() == ["myKey"])
    }
  }

  @Test func `P8: a copy of a nested record does not write back, storing it does`() throws {
    try withFreshStore { store in
      let data = store.scope("data")
      try data.set("pokemon", ["name": "Charmander", "type": "fire"])
      var pokemon = try data.require("pokemon")
      pokemon["name"] = "Bulbasaur"
      try #expect(data.require("pokemon")["name"] == "Charmander")
      try data.set("pokemon", pokemon)
      try #expect(data.require("pokemon") == ["name": "Bulbasaur", "type": "fire"])
    }
  }

  @Test func `P8: in a transaction a nested value is changed in its place`() throws {
    try withFreshStore { store in
      try store.scope("data").set("pokemon", ["name": "Charmander", "type": "fire"])
      try store.transaction { tx in
        tx["data"]["pokemon"]?["name"] = "Bulbasaur"
        tx["data"]["pokemon"]?["moves"]["first"] = "Tackle"
        tx["data"]["absent"]?["name"] = "nobody"
      }
      let expected: Value = ["name": "Bulbasaur", "type": "fire", "moves": ["first": "Tackle"]]
      try #expect(store.scope("data").get("pokemon") == expected)
      try #expect(store.scope("data").keys() == ["pokemon"])
    }
  }

  @Test func `P6: clear empties one scope and no other`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        for number in 0..<10 {
          tx["data"]["\(number)"] = Value.integer(Int128(number))
          tx["other"]["\(number)"] = Value.null
        }
      }
      try #expect(store.scope("data").clear() == 10)
      try #expect(store.scope("data").isEmpty)
      try #expect(store.scope("other").count() == 10)
    }
  }

  @Test func `P10: a counter begins at one and counts the runs`() throws {
    try withFreshStore { store in
      for run in 1...3 {
        // As the document has it, and in one word.
        try store.transaction { tx in
          let data = tx["data"]
          if data["counter"] == nil {
            data["counter"] = 1
          } else if let count = data["counter"]?.int {
            data["counter"] = count + 1
          }
          data["short", default: 0] += 1
        }
        try #expect(store.scope("data").get("counter") == .integer(Int128(run)))
        try #expect(store.scope("data", of: Int.self).get("short") == run)
      }
    }
  }

  @Test func `P10: an address that was seen before is not added again`() throws {
    try withFreshStore { store in
      func handle(_ email: String) throws -> Bool {
        try store.transaction { tx in
          var emails = tx["data"]["emails", default: [String]()]
          if emails.contains(email) { return false }
          emails.append(email)
          tx["data"]["emails"] = emails
          return true
        }
      }
      try #expect(handle("ada@example.com"))
      try #expect(handle("bob@example.com"))
      try #expect(!handle("ada@example.com"))
      try #expect(store.scope("data").get("emails") == ["ada@example.com", "bob@example.com"])
    }
  }

  @Test func `P9: every JSON type comes back as what it was`() throws {
    try withFreshStore { store in
      let values: [String: Value] = [
        "string": "s", "dictionary": ["a": [1, ["b": 2]]], "list": [1, "x", nil, true], "integer": 1, "float": 1.0,
      ]
      try store.transaction { tx in for (key, value) in values { tx["data"][key] = value } }
      try store.read { snapshot in
        for (key, value) in values { #expect(snapshot["data"][key] == value) }
        #expect(snapshot["data"]["integer"] != 1.0)
      }
    }
  }

  @Test func `P11: one store serves many programs, and is viewed, renamed and deleted when they are gone`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      try stores.create("data").close()
      let first = try OtherProcess(directory.path(of: "data"))
      let second = try OtherProcess(directory.path(of: "data"))
      try #expect(first.ask("set", "notes", "color", "red") == "done")
      try #expect(second.ask("get", "notes", "color") == "red")
      expectError(.storeInUse, naming: "data") { try stores.delete("data") }
      expectError(.storeInUse, naming: "data") { try stores.rename("data", to: "facts") }
      try first.finish()
      expectError(.storeInUse, naming: "data") { try stores.delete("data") }
      try second.finish()
      try stores.rename("data", to: "facts")
      try #expect(stores.open("facts").scope("notes").get("color") == "red")
      try stores.delete("facts")
      try #expect(stores.names() == [])
    }
  }
}
