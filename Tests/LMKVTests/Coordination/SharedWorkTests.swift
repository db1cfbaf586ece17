import Foundation
import LMKV
import Synchronization
import Testing

@Suite struct SharedWorkTests {
  @Test("What could not be stored is not computed")
  func invalidExpiry() async throws {
    try await withStore { store async throws in
      let scope = store.scope("s", of: Int.self)
      let computations = Tally()
      for expires in [Expiry.seconds(0), .at(.distantPast), .seconds(.max)] {
        await expectError(.invalidArgument) {
          _ = try await scope.async.memoize("k", expires: expires) { computations.increment() }
        }
        await expectError(.invalidArgument) {
          _ = try await store.async.once("k", expires: expires) { computations.increment() }
        }
        try await onThreads(1) { _ in
          expectError(.invalidArgument) { _ = try scope.memoize("k", expires: expires) { computations.increment() } }
        }
      }
      #expect(computations.count == 0)
    }
  }

  @Test("A semaphore lets in as many as it has permits")
  func semaphore() async throws {
    try await withStore { store in
      let semaphore = store.semaphore("gpu", permits: 3)
      let inside = Tally()
      let most = Tally()
      try await withThrowingTaskGroup { group in
        for _ in 0..<12 {
          group.addTask {
            for _ in 0..<10 {
              try await semaphore.async.withPermit {
                let count = inside.increment()
                most.raise(to: count)
                try await Task.sleep(for: .microseconds(100))
                inside.decrement()
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(most.count == 3)
      try await onThreads(1) { _ throws in
        let one = try semaphore.acquire()
        let two = try #require(try semaphore.tryAcquire())
        let three = try #require(try semaphore.tryAcquire())
        #expect(try semaphore.tryAcquire() == nil)
        expectError(.invalidArgument, naming: "gpu", "3", "4") {
          try store.semaphore("gpu", permits: 4).withPermit {}
        }
        two.release()
        #expect(try semaphore.withPermitIfAvailable { 1 } == 1)
        one.release()
        three.release()
        // When nobody uses it, the number is free again.
        try store.semaphore("gpu", permits: 4).withPermit {}
      }
    }
  }

  @Test("A value is computed once, an error is not stored, and an expired value is computed again")
  func once() async throws {
    let now = Mutex<Int64>(1_000)
    var configuration = Store.Configuration()
    configuration.clock = StoreClock { now.withLock { $0 } }
    try await withStore(configuration) { store in
      let calls = Tally()
      try await onThreads(8) { _ throws in
        let value = try store.once("config", expires: .milliseconds(500)) {
          usleep(5_000)
          return calls.increment()
        }
        #expect(value == 1)
      }
      now.withLock { $0 = 1_500 }
      try await onThreads(1) { _ throws in
        #expect(throws: CancellationError.self) { try store.once("config", of: Int.self) { throw CancellationError() } }
        #expect(try store.once("config") { 2 } == 2)
        #expect(try store.once("config") { 3 } == 2)
        expectError(.typeMismatch) { _ = try store.once("config") { "text" } }
        #expect(try store.forgetOnce("config"))
        #expect(try store.once("config") { 3 } == 3)
      }
      let text = try await store.async.once("text", of: String?.self) {
        await Task.yield()
        return nil
      }
      #expect(text == nil)
      #expect(try store.scopes == [])
    }
  }

  @Test("Of many that wait, one after the other computes until one does not throw")
  func failingComputations() async throws {
    struct Failure: Error {}
    try await withStore { store in
      let calls = Tally()
      let tasks = (0..<6).map { _ in
        Task {
          try await store.async.once("late", of: Int.self) {
            try await Task.sleep(for: .milliseconds(2))
            let call = calls.increment()
            if call < 3 { throw Failure() }
            return call
          }
        }
      }
      var outcomes: [Int?] = []
      for task in tasks { outcomes.append(try? await task.value) }
      #expect(outcomes.count { $0 == nil } == 2)
      #expect(outcomes.compactMap(\.self) == [3, 3, 3, 3])
      #expect(calls.count == 3)
    }
  }

  @Test("Tasks that miss a key at once compute its value once, and other keys do not wait")
  func memoize() async throws {
    // By the system's clock what was computed first may expire before a busy machine has come to the last task.
    var configuration = Store.Configuration()
    configuration.clock = StoreClock { 1_000 }
    try await withStore(configuration) { store in
      let pages = store.scope("pages", of: String.self)
      let calls = Tally()
      let long = String(repeating: "k", count: 511)
      try await withThrowingTaskGroup { group in
        for index in 0..<10 {
          group.addTask {
            let value = try await pages.async.memoize(index % 2 == 0 ? "a" : long, expires: .seconds(60)) {
              try await Task.sleep(for: .milliseconds(5))
              return "\(calls.increment())"
            }
            #expect(["1", "2"].contains(value))
          }
        }
        try await group.waitForAll()
      }
      #expect(calls.count == 2)
      #expect(try pages.count() == 2)
      #expect(try pages.timeToLive("a")?.duration != nil)
      try await onThreads(1) { _ throws in
        // A computation may use the store, and other computations.
        let value = try pages.memoize("b") { try pages.memoize("c") { "inner" } + "!" }
        #expect(value == "inner!")
        expectError(.keyTooLong) { _ = try pages.memoize(long + "k") { "" } }
      }
    }
  }

  @Test("A body runs at most once in an interval, whatever became of it")
  func throttle() async throws {
    let now = Mutex<Int64>(1_000)
    var configuration = Store.Configuration()
    configuration.clock = StoreClock { now.withLock { $0 } }
    try await withStore(configuration) { store in
      try await onThreads(1) { _ throws in
        #expect(throws: CancellationError.self) {
          try store.throttle("mail", every: .seconds(1)) { throw CancellationError() }
        }
        #expect(try store.throttle("mail", every: .seconds(1)) { 1 } == nil)
        #expect(try store.throttle("other", every: .seconds(1)) { 1 } == 1)
        now.withLock { $0 = 1_999 }
        #expect(try !store.throttle("mail", every: .seconds(1)))
        now.withLock { $0 = 2_000 }
        #expect(try store.throttle("mail", every: .seconds(1)) { 2 } == 2)
        expectError(.invalidArgument) { _ = try store.throttle("mail", every: .zero) }
      }
      let passed = try await store.async.throttle("async", every: .seconds(1)) { true }
      #expect(passed == true)
    }
  }
}

/// A number that many change.
final class Tally: Sendable {
  private let value = Atomic(0)

  var count: Int { value.load(ordering: .sequentiallyConsistent) }

  @discardableResult
  func increment() -> Int { value.add(1, ordering: .sequentiallyConsistent).newValue }

  func decrement() { value.subtract(1, ordering: .sequentiallyConsistent) }

  func raise(to other: Int) { value.max(other, ordering: .sequentiallyConsistent) }
}
