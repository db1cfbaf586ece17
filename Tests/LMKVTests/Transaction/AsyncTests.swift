import Foundation
import LMKV
import Synchronization
import Testing

@Suite struct AsyncTests {
  struct Own: Error, Equatable {}

  enum Trace {
    @TaskLocal static var id: String?
  }

  @Test func `Task-local values reach a body that binds them anew`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: String?.self)
      try await Trace.$id.withValue("t-1") {
        let trace = Trace.id
        try await store.async.transaction { tx in
          // It runs on a thread of the store's.
          try tx[scope].set("bare", Trace.id)
          try Trace.$id.withValue(trace) { try tx[scope].set("bound", Trace.id) }
        }
      }
      #expect(try scope.get("bare") == .some(nil))
      #expect(try scope.get("bound") == "t-1")
    }
  }

  @Test func `Transactions with a timeout that they do not reach leave nothing behind`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      try await onThreads(1) { _ in
        let driver = try DriverProcess("timeouts", path, "20000")
        let kilobytes = try #require(driver.line().flatMap { Int($0) })
        // A timer for each was 12 MB.
        #expect(kilobytes < 6_000, "\(kilobytes) KB more")
        #expect(driver.wait() == 0)
      }
    }
  }

  @Test func `The verbs for asynchronous code do what the others do`() async throws {
    try await withStore(.init(), .soundToOthers) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("a", 1)
      #expect(try await scope.async.increment("a", by: 2) == 3)
      #expect(try await scope.async.get("a") == 3)
      #expect(try scope.get("a") == 3)
      #expect(try await scope.async.contains("a"))
      #expect(try await scope.async.count() == 1)
      #expect(try await scope.async.remove("a"))
      #expect(try await !scope.async.remove("a"))
      try await scope.async.set("b", 1)
      #expect(try await scope.async.clear() == 1)
      #expect(try await store.async.read { try $0[scope].isEmpty })
      #expect(try await store.scope("d", of: Double.self).async.increment("x", by: 0.5) == 0.5)
      #expect(try await store.scope("v").async.increment("n") == 1)
      #expect(try await store.scope("v").async.increment("x", by: 0.5) == 0.5)
    }
  }

  @Test func `Transactions of many tasks add up`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let counters = store.scope("c", of: Int.self)
      try await withThrowingTaskGroup { group in
        for _ in 0..<500 {
          group.addTask {
            try await counters.async.increment("n")
            try await store.async.transaction { tx in
              try tx[counters].set("n", tx[counters].require("n") + 1)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try counters.get("n") == 1_000)
    }
  }

  @Test func `An error of the body is thrown unchanged and undoes everything`() async throws {
    try await withStore { store async throws in
      await #expect(throws: Own()) {
        try await store.async.transaction { tx in
          try tx["s"].set("a", 1)
          throw Own()
        }
      }
      #expect(try store.scopes == [])
      await expectError(.typeMismatch) {
        try await store.scope("s").async.set("a", "text")
        try await store.scope("s").async.increment("a")
      }
      await #expect(throws: Own()) { try await store.async.read { _ in throw Own() } }
    }
  }

  @Test func `A task that was cancelled before its turn writes nothing`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let (begun, beginning) = AsyncStream<Void>.makeStream()
      let gate = Gate()
      let holder = Task {
        try await store.async.transaction { tx in
          beginning.yield()
          gate.wait()
          // Once it has begun, cancellation does not undo it.
          try tx[scope].set("held", 1)
        }
      }
      for await _ in begun { break }
      let waiting = (0..<20).map { index in Task { try await scope.async.set("\(index)", index) } }
      holder.cancel()
      for (index, task) in waiting.enumerated() where index.isMultiple(of: 2) { task.cancel() }
      // Their cancellation is answered while the lock is still held.
      for (index, task) in waiting.enumerated() where index.isMultiple(of: 2) {
        await #expect(throws: CancellationError.self) { try await task.value }
      }
      gate.open()
      try await holder.value
      for (index, task) in waiting.enumerated() where !index.isMultiple(of: 2) { try await task.value }
      let expected = ["held"] + (0..<20).filter { !$0.isMultiple(of: 2) }.map(String.init)
      #expect(try store.read { Array($0[scope].keys()) } == expected.sorted())
    }
  }

  @Test func `A task that is cancelled already begins nothing`() async throws {
    try await withStore { store async throws in
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        try await store.scope("s", of: Int.self).async.set("a", 1)
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try store.scopes == [])
    }
  }

  @Test func `Tasks that wait for the lock leave the cooperative pool to others`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let (begun, beginning) = AsyncStream<Void>.makeStream()
      let gate = Gate()
      let holding = Task {
        try await onThreads(1) { _ in
          try store.transaction { tx throws in
            try tx[scope].set("held", 1)
            beginning.yield()
            gate.wait()
          }
        }
      }
      for await _ in begun { break }
      // Far more than the pool has threads.
      let waiting = (0..<200).map { _ in Task { try await scope.async.increment("n") } }
      // If the pool were blocked these would never run, and nobody would open the gate.
      for _ in 0..<100 { await Task { await Task.yield() }.value }
      #expect(try scope.get("held") == nil)
      gate.open()
      try await holding.value
      for task in waiting { _ = try await task.value }
      #expect(try scope.get("n") == 200)
    }
  }

  @Test func `An asynchronous transaction inside another one's body cannot be, but blocking verbs say so`() async throws
  {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.async.transaction { tx in
        expectError(.nestedTransaction) { try scope.set("a", 1) }
        try tx[scope].set("a", 2)
      }
      #expect(try scope.get("a") == 2)
    }
  }

  @Test(.timeLimit(.minutes(1))) func `A closed store answers asynchronous callers, too`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("a", 1)
      try store.close()
      await expectError(.closed, naming: store.path) { try await scope.async.set("a", 2) }
      await expectError(.closed, naming: store.path) { _ = try await scope.async.get("a") }
      await expectError(.closed, naming: store.path) { _ = try await scope.async.count() }
      await expectError(.closed, naming: store.path) { try await store.async.transaction { _ in } }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `Closing while tasks write answers every one of them`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let done = try await withThrowingTaskGroup { group in
        for index in 0..<100 {
          group.addTask {
            do {
              try await scope.async.set("\(index)", index)
              return 1
            } catch let error as LMKVError where error.code == .closed {
              return 0
            }
          }
          if index == 50 {
            group.addTask {
              try store.close()
              return 0
            }
          }
        }
        return try await group.reduce(0, +)
      }
      let again = try Store(path: store.path)
      #expect(try again.scope("s", of: Int.self).count() == done)
      try again.close()
    }
  }
}

/// What a thread waits at until it is opened.
final class Gate: Sendable {
  private let isOpen = Atomic<Bool>(false)

  func open() { isOpen.store(true, ordering: .releasing) }

  func wait() {
    while !isOpen.load(ordering: .acquiring) { usleep(500) }
  }
}
