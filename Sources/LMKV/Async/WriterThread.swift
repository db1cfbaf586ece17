internal import LMDB

/// The thread that leads the ``WriteQueue`` where a task is first in it.
///
/// A write transaction is bound to its thread and may wait long for the lock and the disk, so it must not run on a
/// thread of the cooperative pool. The thread starts when it is needed for the first time and ends when the store closes.
/// While it rests it keeps nothing of the store.
final class WriterThread: Sendable {
  private struct State {
    var isWanted = false
    var isRunning = false
    var isStopped = false
  }

  private let monitor = Monitor(State())

  /// Makes the thread lead until the queue is empty.
  func wake(_ queue: WriteQueue) {
    let isFirst = monitor.signalAfter { state in
      state.isWanted = true
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isFirst else { return }
    do {
      try Threads.start { [self] in serve(queue) }
    } catch {
      monitor.withLock { $0.isRunning = false }
      while let task = queue.nextTask() {
        task.error = error
        task.complete()
      }
      queue.wakeFirst()
    }
  }

  /// Ends the thread when the queue is empty.
  func stop() {
    monitor.signalAfter { $0.isStopped = true }
  }

  private func serve(_ queue: WriteQueue) {
    while true {
      let goesOn = monitor.waitUntil({ $0.isWanted || $0.isStopped }) { state in
        state.isRunning = state.isWanted
        state.isWanted = false
        return state.isRunning
      }
      if !goesOn { return }
      while queue.isOccupied, queue.leadAnyway(), queue.runBatch(for: nil) {}
    }
  }
}
