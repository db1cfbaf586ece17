import Foundation
import Synchronization
import Testing

@testable import LMKV

/// Relaxed verbs of tasks that run on the task's own thread. See `Store.performAtOnce`.
@Suite("Verbs at once") struct AtOnceTests {
  /// Notes the thread that encodes it.
  private struct Witness: Codable, Sendable {
    static let thread = Atomic<UInt>(0)

    init() {}

    init(from decoder: any Decoder) throws {}

    func encode(to encoder: any Encoder) throws {
      Self.thread.store(AtOnceTests.thisThread, ordering: .relaxed)
      var container = encoder.singleValueContainer()
      try container.encode(1)
    }
  }

  private final class Count: Sendable {
    let value = Atomic(0)
  }

  private static var thisThread: UInt { UInt(pthread_self()) }

  /// Whether a verb ran on the thread that its task had before it.
  private func runsHere(_ store: Store) async throws -> Bool {
    let thread = Self.thisThread
    try await store.scope("s", of: Witness.self).async.set("k", Witness())
    return Witness.thread.load(ordering: .relaxed) == thread
  }

  private let relaxed = Store.Configuration(durability: .relaxed(flushEvery: .seconds(60)))

  @Test func `A relaxed verb of a task that is alone runs on its thread, and a durable one does not`() async throws {
    try await withStore(relaxed) { store async throws in
      // The first one finds a clean file, which may take a sync.
      try await store.scope("s").async.set("first", 1)
      // Now and then the store's own threads have the turn, or there is a page to be saved.
      var here = 0
      for _ in 0..<200 where try await runsHere(store) { here += 1 }
      #expect(here > 100)
    }
    try await withStore { store async throws in
      for _ in 0..<20 { #expect(try await !runsHere(store)) }
    }
  }

  @Test func `What pages a verb at once cannot save, since that takes a sync, the next one saves on another thread`()
    async throws
  {
    try await withStore(relaxed) { store async throws in
      let scope = store.scope("many", of: [UInt8].self)
      try await store.async.transaction { tx in
        for key in 0..<2_000 { try tx[scope].set("\(key)", [UInt8](repeating: 1, count: 400)) }
      }
      let persistence = try #require(try store.shared().commitPath.persistence)
      let state = try #require(persistence.state)
      try persistence.flush(store.environment())
      try await store.scope("s").async.set("first", 1)
      let images = state[.imageCount]
      for key in 0..<2_000 { try await scope.async.set("\(key * 7 % 2_000)", [2]) }
      #expect(state[.imageCount] > images)
      #expect(!persistence.standsStill)
      #expect(try scope.count() == 2_000)
    }
  }

  @Test func `Tasks that wait for another process leave the cooperative pool to others`() async throws {
    try await withStore(relaxed) { store async throws in
      let scope = store.scope("s", of: Int.self)
      for _ in 0..<10 { try await scope.async.increment("n") }
      let holder = try DriverProcess("hold", store.path)
      try holder.expect("holding")
      let waiting = (0..<200).map { _ in Task { try await scope.async.increment("n") } }
      for _ in 0..<100 { await Task { await Task.yield() }.value }
      #expect(try scope.get("n") == 10)
      holder.kill()
      for task in waiting { _ = try await task.value }
      #expect(try scope.get("n") == 210)
    }
  }

  @Test(.timeLimit(.minutes(1))) func `Tasks that write without a pause leave room for others`() async throws {
    try await withStore(relaxed) { store async throws in
      let scope = store.scope("s", of: Int.self)
      let isOver = Flag()
      let busy = (0..<ProcessInfo.processInfo.activeProcessorCount).map { index in
        Task { while !isOver.isRaised { try await scope.async.increment("\(index)") } }
      }
      while try scope.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
      // It runs only if one of the pool's threads is given up.
      await Task { isOver.raise() }.value
      for task in busy { try await task.value }
    }
  }

  @Test func `A body of a user that waits does not run on the thread of a task's verb, nor does a durable verb`()
    async throws
  {
    try await withStore(relaxed) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await scope.async.set("first", 1)
      let inTasks = Count()
      try await withThrowingTaskGroup { group in
        for task in 0..<4 {
          group.addTask {
            for number in 0..<300 {
              if task == 0 {
                try await store.async.transaction { tx in
                  // On a thread that runs a task there is one.
                  if withUnsafeCurrentTask(body: { $0 != nil }) { inTasks.value.add(1, ordering: .relaxed) }
                  try tx[scope].set("body", number)
                }
              } else if task == 1 {
                try await store.async.transaction(durability: .full) { try $0[scope].set("full", number) }
              } else {
                try await scope.async.increment("n")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try scope.get("n") == 600)
      #expect(inTasks.value.load(ordering: .relaxed) == 0)
    }
  }
}
