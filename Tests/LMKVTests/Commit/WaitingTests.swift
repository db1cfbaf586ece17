import Synchronization
import Testing

@testable import LMKV

@Suite("Waiting for other writers") struct WaitingTests {
  @Test func `A task that is cancelled while it waits leaves the queue, and the others go on`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let queue = try store.shared().queue
      try await store.whileWriting { callers in
        var doomed: [Task<Void, any Error>] = []
        for index in 0..<20 {
          try await callers.task { try await scope.async.set("kept \(index)", index) }
          let task = try await callers.task {
            await #expect(throws: CancellationError.self) { try await scope.async.set("cancelled \(index)", index) }
          }
          doomed.append(task)
        }
        #expect(queue.count == 40)
        for task in doomed { task.cancel() }
        // They are answered while the store is still held.
        for task in doomed { try await task.value }
        #expect(queue.count == 20)
      }
      #expect(try scope.count(.prefix("kept")) == 20)
      #expect(try scope.count() == 20)
    }
  }

  @Test func `All that waited being cancelled, the next one writes at once`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.whileWriting { callers in
        for index in 0..<5 {
          try await callers.task {
            await #expect(throws: CancellationError.self) { try await scope.async.set("\(index)", index) }
          }.cancel()
        }
      }
      try await onThreads(1) { _ in try store.transaction(timeout: .seconds(60)) { try $0[scope].set("a", 1) } }
      try await scope.async.set("b", 1)
      #expect(try scope.count() == 2)
    }
  }

  @Test func `Who waits too long throws, and nothing of it is done`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let ran = Atomic(0)
      try await store.whileWriting { callers in
        let first = try await callers.task {
          try await onThreads(1) { _ in
            expectError(.timedOut, naming: store.path) {
              try store.transaction(timeout: .milliseconds(20)) { tx in
                ran.add(1, ordering: .relaxed)
                try tx[scope].set("a", 1)
              }
            }
          }
        }
        let second = try await callers.task {
          await expectError(.timedOut, naming: store.path) {
            try await store.async.transaction(timeout: .milliseconds(20)) { try $0[scope].set("a", 1) }
          }
        }
        // Before another one comes: the helper sees by their number who waits.
        try await first.value
        try await second.value
        try await callers.thread { try scope.set("kept", 1) }
      }
      #expect(ran.load(ordering: .relaxed) == 0)
      #expect(try store.read { Array($0[scope].keys()) } == ["kept"])
    }
  }

  @Test func `A timeout of zero does not wait at all`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.whileWriting { _ in
        await expectError(.timedOut) { try await store.async.transaction(timeout: .zero) { _ in } }
        try await onThreads(1) { _ in expectError(.timedOut) { try store.transaction(timeout: .zero) { _ in } } }
      }
      try await onThreads(1) { _ in try store.transaction(timeout: .zero) { try $0[scope].set("a", 1) } }
      #expect(try scope.get("a") == 1)
    }
  }

  @Test func `A timeout that does not come changes nothing`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.whileWriting { callers in
        for _ in 0..<10 {
          try await callers.thread {
            try store.transaction(timeout: .seconds(600)) { _ = try $0[scope].increment("n") }
          }
          try await callers.task {
            try await store.async.transaction(timeout: .seconds(600)) { _ = try $0[scope].increment("n") }
          }
        }
      }
      #expect(try scope.get("n") == 20)
    }
  }

  @Test func `Closing a store answers those who wait for it`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.whileWriting { callers in
        for _ in 0..<5 {
          try await callers.thread { try scope.increment("n") }
          try await callers.task { try await scope.async.increment("n") }
        }
        #expect(try !store.close(timeout: .zero))
        expectError(.closed) { _ = try scope.get("n") }
      }
      let again = try Store(path: store.path)
      #expect(try again.scope("s", of: Int.self).get("n") == 10)
      try again.close()
    }
  }

  @Test func `Closing lets what runs finish, and refuses what comes`() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let (begun, beginning) = AsyncStream<Void>.makeStream()
      let (gate, isClosed) = (Gate(), Flag())
      let writing = Task {
        try await store.async.transaction { tx in
          beginning.yield()
          gate.wait()
          try tx[scope].set("a", 1)
        }
      }
      for await _ in begun { break }
      let closing = Task {
        let isOver = try await store.async.close(timeout: .seconds(600))
        isClosed.raise()
        return isOver
      }
      while (try? scope.get("a")) != nil || (try? store.scopes) != nil { try await Task.sleep(for: .milliseconds(1)) }
      await expectError(.closed) { try await scope.async.set("b", 1) }
      #expect(!isClosed.isRaised, "it did not wait for the body")
      gate.open()
      #expect(try await closing.value)
      try await writing.value
      let again = try Store(path: store.path)
      #expect(try again.read { Array($0["s"].keys()) } == ["a"])
      try again.close()
    }
  }

  @Test func `Closing a store inside a transaction of its own does not wait for that`() async throws {
    try await withStore { store async throws in
      try await store.async.transaction { tx in
        #expect(try !store.close(timeout: .seconds(600)))
        try tx["s"].set("a", 1)
      }
      #expect(try store.close(timeout: .seconds(600)))
      let again = try Store(path: store.path)
      #expect(try again.scope("s").get("a") == 1)
      #expect(try again.close(timeout: .seconds(600)))
    }
  }
}
