internal import LMDB

/// The thread that leads the ``WriteQueue`` where a task is first in it.
///
/// A write transaction is bound to its thread and may wait long for the lock and the disk, so it must not run on a
/// thread of the cooperative pool. It is one of ``WriterThreads``, which all stores share, and goes back to them when there
/// was nothing to do for a moment. There is a second one for the batch that runs while the first waits for the disk.
final class WriterThread: Sendable {
  private struct State {
    var isWanted = false
    var isStopped = false
    var threads = 0
    /// Those that wait for the disk and lead nothing.
    var waiting = 0

    /// Whether nobody is there who will see that somebody is wanted.
    var needsThread: Bool { threads == waiting && threads < 2 }
  }

  /// For how long a thread waits for the store's next task before others may have it.
  private static let patience = Duration.milliseconds(20)

  private let monitor = Monitor(State())

  /// Makes the thread lead until the queue is empty.
  func wake(_ queue: WriteQueue) {
    let isNew = monitor.signalAfter { state in
      state.isWanted = true
      guard state.needsThread else { return false }
      state.threads += 1
      return true
    }
    guard isNew else { return }
    WriterThreads.shared.run { [self] in
      serve(queue)
    } orFail: { [self] in
      fail(queue, $0)
    }
  }

  /// There is no thread for what the tasks wait for.
  private func fail(_ queue: WriteQueue, _ error: any Error) {
    let isOnly = monitor.withLock { state in
      state.threads -= 1
      return state.threads == 0
    }
    // The other one, if there is one, will look after the queue.
    guard isOnly else { return }
    while let task = queue.nextTask() {
      task.error = error
      task.complete()
    }
    queue.wakeFirst()
  }

  /// Notes that this thread leads no longer and waits for the disk.
  func beginDiskWait() {
    monitor.withLock { $0.waiting += 1 }
  }

  func endDiskWait() {
    monitor.withLock { $0.waiting -= 1 }
  }

  /// Gives the threads back when the queue is empty.
  func stop() {
    monitor.signalAfter { $0.isStopped = true }
  }

  private func serve(_ queue: WriteQueue) {
    while true {
      monitor.wait(until: .now + Self.patience) { $0.isWanted || $0.isStopped }
      let goesOn = monitor.withLock { state in
        defer { state.isWanted = false }
        if !state.isWanted { state.threads -= 1 }
        return state.isWanted
      }
      if !goesOn { return }
      while queue.isOccupied, queue.leadAnyway(), queue.runBatch(for: nil) {
        // The tasks that were answered come back soon, if they do, and to be woken by them takes longer: with 8 processes
        // of 8 tasks this makes a sixth more transactions.
        WriteQueue.letOthersRun { queue.isOccupied }
      }
    }
  }
}
