internal import Foundation
package import LMKV
internal import PowerSimulation

/// The workers of one process: threads and tasks.
package struct Crew: Sendable {
  private let threads: [Worker]
  private let tasks: [Worker]

  /// - Parameter first: the number of its first worker. Others must not have one from there on, as many as there are.
  package init(threads: Int, tasks: Int, first: Int, _ store: Store, _ other: Store, _ journal: Journal, seed: UInt64) {
    let rotation = Rotation()
    func worker(_ index: Int) -> Worker {
      Worker(first + index, store, other, rotation, journal, seed: seed &+ UInt64(index))
    }
    self.threads = (0..<threads).map(worker)
    self.tasks = (threads..<threads + tasks).map(worker)
  }

  /// Lets each of them do as much, and waits for all.
  package func work(_ count: Int) async throws {
    try await withThrowingTaskGroup { group in
      for worker in threads {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try Self.work(worker, count) }) }.start()
          }
        }
      }
      for worker in tasks {
        group.addTask { try await worker.work(count) }
      }
      try await group.waitForAll()
    }
  }

  /// By another name, since a function that is called from asynchronous code is taken for the one that suspends.
  private static func work(_ worker: Worker, _ count: Int) throws { try worker.work(count) }

  /// How often reads through outer handles were refused inside a transaction, and how often they were answered.
  package var outerReads: (refused: Int, answered: Int) {
    (threads + tasks).reduce((0, 0)) { ($0.0 + $1.refused, $0.1 + $1.answered) }
  }
}
