import LMKV
import Testing

/// Scopes that are changed while another process writes to them.
@Suite struct ScopesAcrossProcessesTests {
  @Test func `A renamed scope takes what was written with it, and a writer begins the old name anew`() throws {
    try withFreshStore { store in
      let other = try OtherProcess(store.path)
      try #expect(other.ask("increment", "s", "n", "1") == "done")
      try #expect(other.ask("start", "s") == "done")
      for round in 0..<50 { try renameWhenThere(store, "s", "moved-\(round)") }
      let count = try #require(Int(try other.ask("stop")))
      // Every rename but the first had to wait for a scope that an increment began. Turns are fair, so it may be no more.
      #expect(count >= 49)
      // No increment is lost, and none is where it should not be.
      let sum = try store.read { snapshot in
        try snapshot.scopes.reduce(0) { try $0 + snapshot.scope($1, of: Int.self).get("n", default: 0) }
      }
      #expect(sum == count + 1)
      try other.finish()
    }
  }

  private func renameWhenThere(_ store: Store, _ name: String, _ newName: String) throws {
    while true {
      do {
        return try store.renameScope(name, to: newName)
      } catch let error as LMKVError where error.code == .scopeNotFound {
        // The writer has not begun the next one yet.
      }
    }
  }

  @Test func `A dropped scope counts from one again, and its DB never mixes with another's`() throws {
    try withFreshStore { store in
      let other = try OtherProcess(store.path)
      try #expect(other.ask("start", "s") == "done")
      var dropped = 0
      var rounds = 0
      while rounds < 50 {
        rounds += try store.transaction { tx in
          guard try tx.scopes.contains("s") else { return 0 }
          dropped += try tx.scope("s", of: Int.self).get("n", default: 0)
          try #expect(tx.dropScope("s") <= 1)
          // Takes the DB that the writer has just used.
          try tx["mine"].set("round", .integer(Int128(dropped)))
          try tx.dropScope("mine")
          return 1
        }
      }
      let count = try #require(Int(try other.ask("stop")))
      try #expect(dropped + store.scope("s", of: Int.self).get("n", default: 0) == count)
      try other.finish()
    }
  }

  @Test func `A copy is of one moment, whatever is written meanwhile`() throws {
    try withFreshStore { store in
      let other = try OtherProcess(store.path)
      try #expect(other.ask("increment", "s", "n", "1") == "done")
      try #expect(other.ask("start", "s") == "done")
      var last = 0
      for round in 0..<30 {
        try #expect(store.copyScope("s", to: "copy-\(round)") == 1)
        let value = try store.scope("copy-\(round)", of: Int.self).require("n")
        #expect(value >= last)
        last = value
      }
      let count = try #require(Int(try other.ask("stop")))
      #expect(last <= count + 1)
      try other.finish()
    }
  }

  @Test func `Another process notices each change of the scopes`() throws {
    try withFreshStore { store in
      let other = try OtherProcess(store.path)
      try store.scope("a", of: String.self).set("k", "1")
      try #expect(other.ask("get", "a", "k") == "1")
      try store.renameScope("a", to: "b")
      try #expect(other.ask("get", "a", "k") == "nil")
      try #expect(other.ask("get", "b", "k") == "1")
      try store.copyScope("b", to: "c")
      try store.dropScope("b")
      try #expect(other.ask("scopes") == "c")
      try #expect(other.ask("get", "b", "k") == "nil")
      // Takes over the named DB that the other process knows as that of "b".
      try store.scope("d", of: String.self).set("k", "2")
      try #expect(other.ask("get", "b", "k") == "nil")
      try #expect(other.ask("get", "d", "k") == "2")
      try #expect(other.ask("set", "b", "k", "3") == "done")
      try #expect(store.scope("d", of: String.self).get("k") == "2")
      try #expect(store.scope("b", of: String.self).get("k") == "3")
      try other.finish()
    }
  }
}
