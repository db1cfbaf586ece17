import Foundation
import LMDB
import Synchronization
import Testing

@testable import LMKV

/// Callers that are queued, one after the other, while somebody else writes.
struct Callers {
  fileprivate let store: Store
  fileprivate var all: [Task<Void, any Error>] = []

  /// A caller that blocks a thread.
  mutating func thread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await task { try await onThreads(1) { _ in try body() } }
  }

  /// A caller that is a task.
  @discardableResult
  mutating func task(_ body: @escaping @Sendable () async throws -> Void) async throws -> Task<Void, any Error> {
    let queue = try store.shared().queue
    var before = queue.count
    // One that gives up soon may have left the queue again before anybody looks.
    let isDone = Flag()
    let task = Task {
      defer { isDone.raise() }
      try await body()
    }
    all.append(task)
    while !isDone.isRaised {
      let count = queue.count
      if count > before { break }
      // Somebody before it may have given up meanwhile.
      before = count
      try await Task.sleep(for: .microseconds(100))
    }
    return task
  }

  /// What became of them. None is running any more.
  fileprivate var results: [Result<Void, any Error>] {
    get async {
      var results: [Result<Void, any Error>] = []
      for task in all { results.append(await task.result) }
      return results
    }
  }
}

/// Something that has happened, for all threads.
final class Flag: Sendable {
  private let value = Atomic(false)

  var isRaised: Bool { value.load(ordering: .acquiring) }

  func raise() { value.store(true, ordering: .releasing) }
}

extension Store {
  /// How many transactions LMDB has committed.
  func commits() throws -> UInt64 { try environment().info().lastTransactionID }

  /// The ID of the transaction of LMDB that a body runs in.
  func transactionID(_ transaction: LMKV.Transaction) throws -> UInt64 { try transaction.living().id }

  /// Lets a thread hold the transaction until all callers are queued behind it, and waits for all of them.
  ///
  /// - Parameter leading: what that thread does at last. It leads, so that the others run on it.
  func whileWriting(
    limitsTime: Bool = false,
    _ leading: @escaping @Sendable (LMKV.Transaction) throws -> Void = { _ in },
    _ enqueue: (inout Callers) async throws -> Void
  ) async throws {
    // So that it depends on the queue alone what goes into a batch.
    if !limitsTime { try shared().queue.maxTime.store(.max, ordering: .relaxed) }
    let (begun, beginning) = AsyncStream<Void>.makeStream()
    let gate = Gate()
    let holder = Task {
      try await onThreads(1) { _ in
        try self.transaction { tx in
          beginning.yield()
          gate.wait()
          try leading(tx)
        }
      }
    }
    for await _ in begun { break }
    var callers = Callers(store: self)
    do {
      try await enqueue(&callers)
    } catch {
      gate.open()
      _ = await (holder.result, callers.results)
      throw error
    }
    gate.open()
    let outcomes = [await holder.result] + (await callers.results)
    for outcome in outcomes { try outcome.get() }
  }
}
