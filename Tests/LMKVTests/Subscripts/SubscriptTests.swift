import LMKV
import Testing

@Suite struct SubscriptTests {
  struct User: Codable, Equatable, Sendable {
    var name: String
    var visits = 0
  }

  @Test func `A typed scope is read, changed in place and removed from`() throws {
    try withFreshStore { store in
      let users = store.scope("users", of: User.self)
      try store.transaction { tx in
        tx[users]["ada"] = User(name: "Ada")
        tx[users]["ada"]?.visits += 2
        tx[users]["bob", default: User(name: "Bob")].visits += 1
        tx[users]["eve"] = User(name: "Eve")
        tx[users]["eve"] = nil
      }
      try store.read { snapshot in
        #expect(snapshot[users]["ada"] == User(name: "Ada", visits: 2))
        #expect(snapshot[users]["bob"] == User(name: "Bob", visits: 1))
        #expect(snapshot[users]["eve", default: User(name: "?")] == User(name: "?"))
      }
      try #expect(users.keys() == ["ada", "bob"])
    }
  }

  @Test func `A scope of any values takes values of the program's own types`() throws {
    try withFreshStore { store in
      let name = "Ada"
      try store.transaction { tx in
        let any = tx["any"]
        any["name"] = name
        any["user"] = User(name: name)
        any["double", default: 0.5] += 1
        any["text", default: ""] += "x"
        any["list", default: [Int]()].append(3)
        any["flag", default: false].toggle()
        let back: User? = any["user"]
        #expect(back == User(name: "Ada"))
      }
      try store.read { snapshot in
        #expect(snapshot["any"]["name"] == "Ada")
        #expect(snapshot["any"]["user"]?["name"] == "Ada")
        #expect(snapshot["any"]["double"] == 1.5)
        #expect(snapshot["any"]["text"] == "x")
        #expect(snapshot["any"]["list"] == [3])
        #expect(snapshot["any"]["flag"] == true)
        #expect(snapshot["any"]["absent", default: 7] == 7)
      }
    }
  }

  @Test func `Comparing with a literal does not care about the type that is stored`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        tx["any"]["x"] = 5
        #expect(tx["any"]["x"] != "red")
        #expect(tx["any"]["x"] == 5)
        #expect(tx["any"]["x"] != 5.0)
      }
    }
  }

  @Test func `Reading a default stores nothing`() throws {
    try withFreshStore { store in
      try store.transaction { tx in #expect(tx["any"]["x", default: 1] == 1) }
      try #expect(store.scopes == [])
    }
  }

  @Test func `The first failure undoes the transaction and is thrown at its end`() throws {
    try withFreshStore { store in
      try store.scope("any").set("text", "t")
      let before = try store.read { $0.revision }
      expectError(.keyTooLong) {
        try store.transaction { tx in
          tx["any"]["good"] = 1
          tx["any"][String(repeating: "k", count: 512)] = 2
          // From here on subscripts do nothing.
          #expect(tx["any"]["good"] == nil)
          #expect(tx["any"]["text", default: "d"] == "d")
          tx["any"]["text"] = 3
          tx["any"][""] = 4
          // Verbs that throw still say what is so.
          try #expect(tx["any"].get("good") == 1)
        }
      }
      try #expect(store.scope("any").keys() == ["text"])
      try #expect(store.read { $0.revision } == before)
    }
  }

  @Test func `A failed in-place change is a failure and not a change`() throws {
    try withFreshStore { store in
      try store.scope("any").set("text", "t")
      expectError(.typeMismatch, naming: "text", "any") {
        try store.transaction { tx in tx["any"]["text", default: 0] += 1 }
      }
      try #expect(store.scope("any").get("text") == "t")
    }
  }

  @Test func `A failure in a savepoint undoes the savepoint alone`() throws {
    try withFreshStore { store in
      try store.transaction { tx in
        tx["any"]["a"] = 1
        expectError(.emptyKey) {
          try tx.savepoint {
            tx["any"]["b"] = 2
            tx["any"][""] = 3
          }
        }
        tx["any"]["c"] = 4
        #expect(tx["any"]["a"] == 1)
      }
      try #expect(store.scope("any").keys() == ["a", "c"])
    }
  }

  @Test func `A failed subscript of a snapshot is thrown when its closure has returned`() throws {
    try withFreshStore { store in
      try store.scope("any").set("text", "t")
      let numbers = store.scope("any", of: Int.self)
      expectError(.typeMismatch, naming: "text") { _ = try store.read { $0[numbers]["text"] } }
      expectError(.typeMismatch, naming: "text") {
        _ = try store.read { snapshot in
          for number in snapshot[numbers].values() { print(number) }
        }
      }
    }
  }
}
