import LMDB
import Synchronization
import Testing

@testable import LMKV

@Suite("Group commit") struct GroupCommitTests {
  struct Own: Error, Equatable {
    var number = 0
  }

  @Test func `What is queued while another one writes shares its transaction of LMDB`() async throws {
    try await withStore(.init(), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("n", 0)
      let before = try store.commits()
      try await store.whileWriting({ try $0[scope].set("held", 1) }) { callers in
        for _ in 0..<50 {
          try await callers.task { try await scope.async.increment("n") }
          try await callers.thread { try scope.increment("n") }
          try await callers.thread { try store.transaction { _ = try $0[scope].increment("n") } }
        }
      }
      #expect(try scope.get("n") == 150)
      #expect(try store.commits() - before == 1)
      #expect(try store.read(\.revision) == 152)
    }
  }

  @Test func `An error of one body undoes that body, and reaches its caller only`() async throws {
    try await withStore(.init(durability: .relaxed()), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.async.transaction { try $0["s"].set("text", "no number") }
      let before = try store.commits()
      let revision = try store.read(\.revision)
      try await store.whileWriting({ try $0[scope].set("held", 1) }) { callers in
        for index in 0..<10 {
          try await callers.thread {
            #expect(throws: Own(number: index)) {
              try store.transaction { tx in
                try tx[scope].set("bad \(index)", index)
                try tx.createScope("bad \(index)")
                throw Own(number: index)
              }
            }
          }
          try await callers.task {
            await #expect(throws: Own(number: index)) {
              try await store.async.transaction { tx in
                try tx[scope].set("worse \(index)", index)
                throw Own(number: index)
              }
            }
          }
          try await callers.thread { expectError(.typeMismatch) { try scope.increment("text") } }
          try await callers.task { await expectError(.typeMismatch) { try await scope.async.increment("text") } }
          try await callers.thread { try scope.increment("good") }
          try await callers.task { try await store.async.transaction { _ = try $0[scope].increment("good") } }
        }
      }
      #expect(try store.read { Array($0[scope].keys()) } == ["good", "held", "text"])
      #expect(try scope.get("good") == 20)
      #expect(try store.scopes == ["s"])
      #expect(try store.commits() - before == 1)
      #expect(try store.read(\.revision) == revision + 21, "who changes nothing takes no revision")
    }
  }

  @Test func `The error of the one that leads harms nobody who is queued behind it`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      await #expect(throws: Own()) {
        try await store.whileWriting { tx in
          try tx[scope].set("held", 1)
          throw Own()
        } _: { callers in
          for _ in 0..<10 {
            try await callers.thread { try scope.increment("n") }
            try await callers.task { try await scope.async.increment("n") }
          }
        }
      }
      try await store.async.transaction { _ in }
      #expect(try scope.get("n") == 20)
      #expect(try scope.get("held") == nil)
    }
  }

  @Test func `Bodies run in the order in which they were queued`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: [Int].self)
      try await store.whileWriting { callers in
        for index in 0..<60 {
          switch index % 4 {
          case 0: try await callers.task { try await scope.async.append("order", index) }
          case 1: try await callers.thread { try scope.append("order", index) }
          case 2:
            try await callers.task { try await store.async.transaction { _ = try $0[scope].append("order", index) } }
          default: try await callers.thread { try store.transaction { _ = try $0[scope].append("order", index) } }
          }
        }
      }
      #expect(try scope.get("order") == Array(0..<60))
    }
  }

  @Test func `A batch takes a thousand bodies at most`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      // All bodies of a batch see the ID of one transaction of LMDB.
      let sizes = Mutex<[UInt64: Int]>([:])
      try await store.whileWriting { callers in
        for _ in 0..<2_100 {
          try await callers.task {
            try await store.perform(nil, .repeatable) { tx in
              let id = try store.transactionID(tx)
              sizes.withLock { $0[id, default: 0] += 1 }
              _ = try tx.scope("s", of: Int.self).increment("n")
            }
          }
        }
      }
      let counts = sizes.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
      #expect(counts.reduce(0, +) == 2_100)
      #expect(counts.allSatisfy { $0 <= WriteQueue.maxBodies }, "\(counts)")
      #expect(counts.count >= 3)
      #expect(try store.scope("s", of: Int.self).get("n") == 2_100)
    }
  }

  @Test func `After a long body a batch ends`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let ids = Mutex<[UInt64]>([])
      try await store.whileWriting(limitsTime: true) { callers in
        for _ in 0..<5 {
          try await callers.thread {
            try store.transaction { tx in
              let id = try store.transactionID(tx)
              ids.withLock { $0.append(id) }
              _ = try tx.scope("s", of: Int.self).increment("n")
              let end = ContinuousClock.now + .milliseconds(2)
              while ContinuousClock.now < end {}
            }
          }
        }
      }
      #expect(Set(ids.withLock { $0 }).count == 5, "each committed before the next began")
    }
  }

  @Test func `Each body has its own revision, and what changes nothing has none`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("first", 0)
      try await store.whileWriting { callers in
        for index in 0..<10 {
          try await callers.thread { try scope.set("verb \(index)", index) }
          try await callers.task { try await scope.async.remove("absent") }
          try await callers.thread { try store.transaction { try $0[scope].set("body \(index)", index) } }
          try await callers.task { try await store.async.transaction { _ = try $0[scope].get("first") } }
        }
      }
      #expect(try store.read(\.revision) == 21)
      for index in 0..<10 {
        #expect(try scope.entry("verb \(index)")?.revision == UInt64(2 * index + 2))
        #expect(try scope.entry("body \(index)")?.revision == UInt64(2 * index + 3))
      }
    }
  }

  @Test func `The bound of the revisions stays above them when a batch steps over it`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let scope = store.scope("s", of: Int.self)
      let step = try await store.async.transaction { _ in unsafe Metadata.revisionStep }
      try await scope.async.increment("n")
      try Self.count(store, upTo: step - 1)
      try await store.whileWriting { callers in
        for _ in 0..<10 { try await callers.task { try await scope.async.increment("n") } }
      }
      let (revision, bound) = try await store.async.transaction { tx in
        (tx.revision, unsafe try tx.metadata()?.revisionBound())
      }
      #expect(revision == step + 9)
      #expect(try #require(bound) >= revision + 1)
    }
  }

  /// Makes a store's latest revision another one, past the library.
  private static func count(_ store: Store, upTo revision: UInt64) throws {
    try store.environment().write { transaction in
      var head = try #require(unsafe try Head.read(transaction.raw))
      head.revision = revision
      unsafe try head.write(transaction.raw)
    }
  }

  @Test func `Savepoints work in every body of a batch`() async throws {
    try await withStore(.init(), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.whileWriting { callers in
        for index in 0..<10 {
          try await callers.thread {
            try store.transaction { tx in
              try tx[scope].set("kept \(index)", 1)
              try? tx.savepoint {
                try tx[scope].set("undone \(index)", 1)
                throw Own()
              }
              try tx.savepoint { try tx[scope].set("inner \(index)", 1) }
            }
          }
          try await callers.task { try await scope.async.increment("n") }
        }
      }
      #expect(try scope.count(.prefix("kept")) == 10)
      #expect(try scope.count(.prefix("inner")) == 10)
      #expect(try scope.count(.prefix("undone")) == 0)
      #expect(try scope.get("n") == 10)
    }
  }

  @Test func `A transaction inside a body is refused, whoever's thread the body runs on`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let second = try Store(path: store.path)
      defer { try? second.close() }
      try await store.whileWriting { callers in
        for _ in 0..<3 {
          try await callers.thread {
            try store.transaction { tx in
              expectError(.nestedTransaction) { try scope.increment("n") }
              expectError(.nestedTransaction) { try second.transaction { _ in } }
              _ = try tx[scope].increment("n")
            }
          }
        }
      }
      #expect(try scope.get("n") == 3)
    }
  }

  @Test func `A transaction that outlives its body is of no use while the batch goes on`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      final class Thief: @unchecked Sendable { var loot: LMKV.Transaction? }
      let thief = Thief()
      try await store.whileWriting { tx in
        thief.loot = tx
      } _: { callers in
        for _ in 0..<3 {
          try await callers.thread {
            try store.transaction { tx in
              let loot = try #require(thief.loot)
              expectError(.transactionEnded) { try loot[scope].set("stolen", 1) }
              thief.loot = tx
            }
          }
        }
      }
      #expect(try scope.count() == 0)
    }
  }

  @Test func `Two stores on one path share their transactions`() async throws {
    try await withStore(.init(), .soundToOthers) { store async throws in
      let other = try Store(path: store.path, configuration: store.configuration)
      let before = try store.commits()
      try await store.whileWriting { tx in
        try tx.createScope("a")
      } _: { callers in
        for _ in 0..<10 {
          try await callers.thread { try store.scope("a", of: Int.self).increment("n") }
          try await callers.task { try await other.scope("a", of: Int.self).async.increment("n") }
          try await callers.thread { try other.transaction { _ = try $0.scope("b", of: Int.self).increment("n") } }
        }
      }
      #expect(try store.commits() - before == 1)
      #expect(try other.scope("a", of: Int.self).get("n") == 20)
      #expect(try store.scope("b", of: Int.self).get("n") == 10)
      try other.close()
      try await store.scope("a", of: Int.self).async.increment("n")
    }
  }

  @Test func `Threads and tasks without number lose nothing, and commit far less often than they write`() async throws {
    try await withStore(.init(durability: .full), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("n", 0)
      let before = try store.commits()
      try await withThrowingTaskGroup { group in
        for index in 0..<64 {
          group.addTask {
            for _ in 0..<20 {
              if index.isMultiple(of: 2) {
                try await scope.async.increment("n")
              } else {
                try await store.async.transaction { _ = try $0[scope].increment("n") }
              }
            }
          }
        }
        group.addTask {
          try await onThreads(16) { index in
            for _ in 0..<20 {
              try scope.increment("n")
              #expect(throws: Own()) {
                try store.transaction { tx in
                  try tx[scope].set("n", -1)
                  throw Own()
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try scope.get("n") == 80 * 20)
      #expect(try store.read(\.revision) == 80 * 20 + 1)
      #expect(try store.commits() - before < 80 * 20 / 4)
    }
  }
}
