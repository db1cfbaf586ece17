import Foundation
import LMDB
import LMKV
import Testing

/// Entries whose header nobody can read.
@Suite struct DamagedEntryTests {
  /// Runs the body on a scope with the keys a, b and c, of which b is damaged.
  private func withDamage(_ body: (Store, Scope<Int>) throws -> Void) throws {
    try withTemporaryDirectory { directory throws in
      let store = try Store(path: directory.path(of: "store"))
      let scope = store.scope("s", of: Int.self)
      for key in ["a", "b", "c"] { try scope.set(key, 1, expires: .hours(1)) }
      let name = try #require(try store.scopeInfo("s")).database
      let environment = try Environment.open(store.path)
      let database = try #require(try environment.openDatabase(name))
      try environment.write { try $0.put([0xFF, 1, 2], for: Array("b".utf8), in: database) }
      try body(store, scope)
      #expect(try store.read { try $0.scopes } == ["s"])
      try store.close()
    }
  }

  @Test func `A damaged entry is told by key and scope, by look-ups and by lists`() throws {
    try withDamage { store, scope throws in
      let words = ["\"b\"", "\"s\"", "damaged", "remove the entry"]
      expectError(.corrupted, naming: words[0], words[1], words[2], words[3]) { _ = try scope.get("b") }
      expectError(.corrupted, naming: words[0], words[1], words[2], words[3]) { _ = try scope.contains("b") }
      expectError(.corrupted, naming: words[0], words[1], words[2], "after this key") {
        try store.read { for _ in $0[scope].keys() {} }
      }
      // What is before it and behind it can be had.
      #expect(try scope.get("a") == 1)
      #expect(try store.read { Array($0[scope].keys(.all.after("b"))) } == ["c"])
    }
  }

  @Test func `A damaged entry can be removed by each verb that removes, and be written over`() throws {
    let verbs: [(Scope<Int>) throws -> Void] = [
      { scope throws in #expect(try scope.remove("b")) },
      { scope throws in #expect(try scope.remove(["a", "b"]) == 2) },
      { scope throws in #expect(try scope.removeAll(.prefix("b")) == 1) },
      { scope throws in #expect(try scope.removeAll(.prefix("b"), inStepsOf: 1) == 1) },
      { scope throws in #expect(try scope.clear() == 3) },
      { scope throws in try scope.set("b", 2) },
      { scope throws in try scope.set(["b": 2]) },
    ]
    for verb in verbs {
      try withDamage { store, scope throws in
        try verb(scope)
        try store.read { for _ in $0[scope].keys() {} }
        let now = try scope.get("b")
        #expect(now == nil || now == 2)
        #expect(try store.read { try $0[scope].count() == Array($0[scope].keys()).count })
      }
    }
  }
}
