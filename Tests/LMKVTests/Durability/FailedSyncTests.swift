import LMDB
import Testing

@testable import LMKV

/// What is told of commits that a sync does not bring to the disk (defect B3).
@Suite struct FailedSyncTests {
  /// A store whose commits are in the log.
  private struct Writer {
    let store: Store
    let state: SharedState
    let counters: Scope<Int>

    init(_ path: String) throws {
      store = try Store(path: path)
      let persistence = try #require(try store.environment().companion as? Persistence)
      state = try #require(persistence.state)
      counters = store.scope("counters")
      while !state.flag(.isDirty) { try counters.set("n", 0) }
    }

    /// As if somebody's sync failed now.
    @Sendable func fail() { state[.isBroken] = 1 }

    func expectUnknown(_ error: (any Error)?) throws {
      #expect((error as? LMKVError)?.code == .outcomeUnknown)
      // Others see it; nothing can be written any more, of which the error is another one.
      #expect(try counters.get("n") == 1)
      #expect {
        try counters.set("n", 2)
      } throws: { error in
        (error as? LMKVError)?.code == .inputOutput
      }
      #expect(try counters.get("n") == 1)
    }
  }

  @Test func `A commit that others see, and that no sync brings to the disk, has an unknown outcome`() throws {
    try withStorePath { path in
      let writer = try Writer(path)
      let error = #expect(throws: LMKVError.self) {
        try writer.store.transaction { transaction in
          try transaction[writer.counters].set("n", 1)
          writer.fail()
        }
      }
      try writer.expectUnknown(error)
      try? writer.store.close()
    }
  }

  @Test func `So it has in a suspending transaction`() async throws {
    try await withTemporaryDirectory { directory in
      let writer = try Writer(directory.path(of: "store"))
      let error = await #expect(throws: LMKVError.self) {
        try await writer.store.async.transaction { transaction in
          try transaction[writer.counters].set("n", 1)
          writer.fail()
        }
      }
      try writer.expectUnknown(error)
      try? writer.store.close()
    }
  }
}
