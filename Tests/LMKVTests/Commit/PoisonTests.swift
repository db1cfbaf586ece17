import LMDB
import Testing

@testable import LMKV

@Suite("A full store and a batch") struct PoisonTests {
  private static func configuration() -> Store.Configuration {
    var configuration = Store.Configuration()
    configuration.maxSize = 1 << 20
    return configuration
  }

  @Test func `A body that fills the store fails alone`() async throws {
    try await withStore(Self.configuration(), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      let bytes = store.scope("b", of: [UInt8].self)
      let before = try store.commits()
      try await store.whileWriting({ try $0[scope].set("held", 1) }) { callers in
        for index in 0..<5 {
          try await callers.thread { try store.transaction { _ = try $0[scope].increment("n") } }
          try await callers.thread {
            expectError(.storeFull) {
              try store.transaction { tx in
                try tx[scope].set("undone \(index)", 1)
                try tx[bytes].set("large", [UInt8](repeating: 1, count: 2 << 20))
              }
            }
          }
          try await callers.task { try await scope.async.increment("n") }
        }
      }
      #expect(try scope.get("n") == 10)
      #expect(try scope.count() == 2)
      #expect(try store.commits() - before == 1)
    }
  }

  @Test(arguments: [false, true])
  func `A verb that fills the store fails alone, and the verbs beside it are done once`(isFirst: Bool) async throws {
    try await withStore(Self.configuration(), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      let bytes = store.scope("b", of: [UInt8].self)
      // All leaders' bodies are undone here, or none was there: then verbs run in LMDB's outermost transaction.
      try await store.whileWriting({ if !isFirst { try $0[scope].set("held", 1) } }) { callers in
        for _ in 0..<5 {
          for _ in 0..<4 { try await callers.task { try await scope.async.increment("n") } }
          try await callers.thread {
            expectError(.storeFull) { try bytes.set("large", [UInt8](repeating: 1, count: 2 << 20)) }
          }
          try await callers.thread { try store.transaction { _ = try $0[scope].increment("body") } }
        }
      }
      #expect(try scope.get("n") == 20)
      #expect(try scope.get("body") == 5)
      #expect(try bytes.count() == 0)
    }
  }

  @Test func `A batch that begins with verbs survives a verb that fills the store`() async throws {
    try await withStore(Self.configuration(), .soundToOthers) { store async throws in
      struct Own: Error {}
      let scope = store.scope("s", of: Int.self)
      let bytes = store.scope("b", of: [UInt8].self)
      await #expect(throws: Own.self) {
        // The leader's error ends its batch, so that the next one consists of what is queued, and begins with verbs.
        try await store.whileWriting { _ in
          throw Own()
        } _: { callers in
          for index in 0..<5 {
            for _ in 0..<4 { try await callers.task { try await scope.async.increment("n") } }
            // What this one has seen must come true.
            try await callers.thread {
              let seen = try store.transaction { tx throws in try tx[scope].require("n") }
              #expect(seen == 4 * (index + 1))
            }
            try await callers.task {
              await expectError(.storeFull) {
                try await bytes.async.set("large", [UInt8](repeating: 1, count: 2 << 20))
              }
            }
          }
        }
      }
      #expect(try scope.get("n") == 20)
      #expect(try bytes.count() == 0)
      #expect(try store.read(\.revision) == 20)
    }
  }

  @Test func `A body that goes on after an error that a transaction cannot survive fails alone`() async throws {
    try await withStore(Self.configuration(), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      let bytes = store.scope("b", of: [UInt8].self)
      try await store.whileWriting { callers in
        for _ in 0..<3 {
          try await callers.thread { try store.transaction { _ = try $0[scope].increment("n") } }
          try await callers.thread {
            expectError(.transactionFailed) {
              try store.transaction { tx in
                try? tx[bytes].set("large", [UInt8](repeating: 1, count: 2 << 20))
                try tx[scope].set("after", 1)
              }
            }
          }
        }
      }
      #expect(try scope.get("n") == 3)
      #expect(try scope.count() == 1)
    }
  }

  @Test func `A batch whose commit fails fails as a whole`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("n", 0)
      let head = try store.read(\.revision)
      struct Own: Error {}
      try await store.whileWriting { callers in
        for _ in 0..<5 {
          try await callers.thread { expectError(.corrupted) { try scope.increment("n") } }
          // A value of the expiry index that is no such value lets the sweep in passing fail, and so the commit.
          try await callers.thread {
            expectError(.corrupted) {
              try store.transaction { tx in
                let raw = try tx.living()
                let database = try #require(try tx.expiryDatabase())
                try [UInt8](repeating: 0, count: 3).withUnsafeBytes { try raw.put($0, for: $0, in: database) }
                store.expirySchedule.note(.min)
                tx.didWrite()
              }
            }
          }
        }
      }
      #expect(try scope.get("n") == 0)
      #expect(try store.read(\.revision) == head)
    }
  }
}
