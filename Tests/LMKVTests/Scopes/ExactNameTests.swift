import Foundation
import LMKV
import Testing

/// Names that Unicode, and so `String`, takes for equal although their bytes differ.
@Suite struct ExactNameTests {
  static let composed = "caf\u{E9}"
  static let decomposed = "cafe\u{301}"

  @Test func `Scopes whose names differ only in their bytes are two`() throws {
    try withStorePath { path in
      let (composed, decomposed) = (Self.composed, Self.decomposed)
      let store = try Store(path: path)
      try store.scope(composed).set("x", 1)
      try store.scope(decomposed).set("x", 2)
      try store.transaction { tx in
        #expect(try tx[composed].get("x") == 1)
        #expect(try tx[decomposed].get("x") == 2)
        // In a transaction that has a catalog of its own, too.
        try tx.createScope("third")
        try tx[composed].set("y", 3)
        #expect(try tx[decomposed].get("y") == nil)
      }
      try store.close()
      let again = try Store(path: path)
      #expect(try again.scopes.map { Array($0.utf8) } == [decomposed, composed, "third"].map { Array($0.utf8) })
      #expect(try again.scope(composed).get("x") == 1)
      #expect(try again.scope(decomposed).get("x") == 2)
      #expect(try again.dropScope(decomposed) == 1)
      #expect(try again.scope(composed).getAll().map(\.value) == [1, 3])
      try again.renameScope(composed, to: decomposed)
      #expect(try again.scope(composed).isEmpty)
      #expect(try again.scope(decomposed).count() == 2)
      try again.close()
    }
  }

  @Test func `A scope that is dropped in another spelling is not there, and keeps its DB to itself`() throws {
    try withFreshStore { store in
      let (composed, decomposed) = (Self.composed, Self.decomposed)
      let other = try OtherProcess(store.path)
      try #expect(other.ask("set", composed, "x", "1") == "done")
      expectError(.scopeNotFound) { try store.dropScope(decomposed) }
      expectError(.scopeNotFound) { try store.renameScope(decomposed, to: "new") }
      // Would take a DB that was retired.
      try store.scope("other", of: String.self).set("x", "2")
      try #expect(other.ask("get", composed, "x") == "1")
      try #expect(store.scope(composed, of: String.self).get("x") == "1")
      // The other process, which has the first one's DB open, does not take it for the second one's.
      try store.scope(decomposed, of: String.self).set("x", "3")
      try #expect(other.ask("get", decomposed, "x") == "3")
      try #expect(other.ask("get", composed, "x") == "1")
      try store.dropScope(composed)
      try #expect(other.ask("get", composed, "x") == "nil")
      try #expect(other.ask("set", "fourth", "x", "4") == "done")
      try #expect(store.scope(decomposed, of: String.self).get("x") == "3")
      try #expect(other.ask("get", decomposed, "x") == "3")
      let databases = try store.scopeInfos.map { Array($0.database.utf8) }
      #expect(Set(databases).count == 3, "each scope has a DB of its own")
      try other.finish()
    }
  }

  @Test func `A re-entrant lock is not had in another spelling`() throws {
    try withFreshStore { store in
      let second = try Store(path: store.path)
      let held = try #require(try second.lock(Self.decomposed).tryLock())
      try store.lock(Self.composed, isReentrant: true).withLock {
        #expect(throws: Never.self) {
          let entered: Void? = try store.lock(Self.decomposed, isReentrant: true).withLockIfAvailable {}
          #expect(entered == nil, "somebody else has it")
        }
      }
      held.unlock()
      // Nor is to ask for it to wait for oneself.
      try store.lock(Self.composed).withLock { try store.lock(Self.decomposed).withLock {} }
      try second.close()
    }
  }

  @Test func `Inside a computation another one, in another spelling, may be made`() throws {
    try withFreshStore { store in
      let once = try store.once(Self.composed) { try store.once(Self.decomposed) { 1 } + 1 }
      #expect(once == 2)
      #expect(try store.once(Self.decomposed) { 0 } == 1)
      let scope = store.scope("s", of: Int.self)
      let memoized = try scope.memoize(Self.composed) { try scope.memoize(Self.decomposed) { 1 } + 1 }
      #expect(memoized == 2)
      #expect(try store.throttle(Self.composed, every: .seconds(1_000)))
      #expect(try store.throttle(Self.decomposed, every: .seconds(1_000)))
    }
  }
}
