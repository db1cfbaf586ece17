internal import ControlPage
internal import LMDB
internal import Synchronization

/// What one ``Store`` needs for locks, semaphores and computations among processes: it counts what runs with them, so that
/// the store closes when all of that is done.
final class Coordination: Sendable {
  private struct State {
    var isClosed = false
    /// How many wait for something, or run with it.
    var active = 0
  }

  let values = OwnScope.binding("values")
  let throttles = OwnScope.binding("throttles")
  /// Tells this store from all others that this process ever opens.
  let id = lastID.add(1, ordering: .relaxed).newValue
  private let state = Monitor(State())

  private static let lastID = Atomic<UInt64>(0)

  /// Begins something that ends with ``end()``. False when the store is closed.
  func begin() -> Bool {
    state.withLock { state in
      if !state.isClosed { state.active += 1 }
      return !state.isClosed
    }
  }

  /// As ``begin()``, inside something that runs already: closing waits for it in any case.
  func beginInside() { state.withLock { $0.active += 1 } }

  func end() { state.signalAfter { $0.active -= 1 } }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// From here on nothing begins.
  func close() { state.withLock { $0.isClosed = true } }

  /// False when the moment, of the monotonic clock, came first.
  func waitUntilDone(until deadline: UInt64) -> Bool {
    guard let left = MonotonicClock.timeLeft(until: deadline) else {
      state.waitUntil({ $0.active == 0 }) { _ in }
      return true
    }
    return state.wait(until: .now + left, { $0.active == 0 }) { _ in } != nil
  }
}

extension Store {
  /// Where this process waits for what others have. Checks whether this thread may wait at all.
  func waitingRoom() throws -> WaitingRoom {
    let environment = try environment()
    guard !environment.isForked else { throw translated(environment.forkedError) }
    guard let room = try shared().room else {
      throw LMKVError(
        .coordinationUnavailable,
        "Processes cannot wait for each other with the store \(path): its directory has no control page that this process "
          + "may write. Use a store on a local disk that can be written."
      )
    }
    // Who has a lock may be waiting for this very transaction.
    return try translatingErrors {
      _ = try sharedForWriting()
      return room
    }
  }

  /// Ends the waiting through this store, lets what runs with a lock, a permit or a computation finish, and gives back what
  /// was taken for no closure.
  ///
  /// - Returns: whether all of that was done by then.
  /// - Throws: ``LMKVError`` with `deadlock` in a closure that this would wait for.
  func closeCoordination(until deadline: UInt64) throws -> Bool {
    guard let room = (try? shared())?.room else {
      coordination.close()
      return true
    }
    if let tenure = Tenure.current(of: self) {
      throw LMKVError(
        .deadlock,
        "The store \(path) was closed by code that has its \(tenure.place.title), and closing waits until that code is done. "
          + "Close it afterwards."
      )
    }
    coordination.close()
    room.fail(coordination.id, closedError)
    let isDone = coordination.waitUntilDone(until: deadline)
    room.giveBackAll(of: coordination.id)
    return isDone
  }
}
