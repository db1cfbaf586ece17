internal import ControlPage
internal import Synchronization

/// Where the tasks of one store wait for permits: one thread sleeps for all of them, while there are any.
final class WaitingRoom: Sendable {
  // The continuation is resumed by whoever takes the guest out of the room.
  private struct Guest {
    var waiting: Waiting
    let continuation: CheckedContinuation<Waiting.Result, any Error>
  }

  private struct State {
    var guests: [UInt64: Guest] = [:]
    /// Cancelled before they came in.
    var cancelled: Set<UInt64> = []
    var isServed = false
  }

  private let state = Mutex(State())

  /// Waits until there is a result.
  ///
  /// - Throws: `CancellationError` when the task was cancelled first. The claim is then still in its queue.
  func wait(_ waiting: Waiting, _ token: UInt64, _ word: FutexWord) async throws -> Waiting.Result {
    defer { state.withLock { _ = $0.cancelled.remove(token) } }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let needsThread = state.withLock { state -> Bool? in
          if state.cancelled.contains(token) { return nil }
          state.guests[token] = Guest(waiting: waiting, continuation: continuation)
          defer { state.isServed = true }
          return !state.isServed
        }
        guard let needsThread else { return continuation.resume(throwing: CancellationError()) }
        if needsThread { startThread(word) }
      }
    } onCancel: {
      let guest = state.withLock { state in
        state.cancelled.insert(token)
        return state.guests.removeValue(forKey: token)
      }
      guest?.continuation.resume(throwing: CancellationError())
    }
  }

  private func startThread(_ word: FutexWord) {
    do {
      try Threads.start { [self] in serve(word) }
    } catch {
      let guests = state.withLock { state in
        state.isServed = false
        defer { state.guests = [:] }
        return Array(state.guests.values)
      }
      for guest in guests { guest.continuation.resume(throwing: error) }
    }
  }

  private func serve(_ word: FutexWord) {
    while true {
      let value = word.load()
      let guests = state.withLock { state in
        if state.guests.isEmpty { state.isServed = false }
        return state.guests
      }
      if guests.isEmpty { return }
      var pause = Coordination.pause
      for (token, guest) in guests {
        var waiting = guest.waiting
        let result = Result { try waiting.check(value) }
        if case .success(nil) = result {
          pause = min(pause, waiting.pause)
          state.withLock { $0.guests[token]?.waiting = waiting }
        } else if let guest = state.withLock({ $0.guests.removeValue(forKey: token) }) {
          guest.continuation.resume(with: result.flatMap { $0.map { .success($0) } ?? .failure(CancellationError()) })
        }
      }
      word.wait(while: value, timeout: pause)
    }
  }
}

extension Store {
  /// As ``acquire(_:permits:timeout:)``, for tasks.
  func acquire(_ place: Place, permits: Int = 1, timeout: Duration? = nil) async throws -> UInt64? {
    let attempt = try Acquisition(self, place, permits: permits, timeout: timeout)
    let (claiming, token) = (attempt.claiming, attempt.token)
    do {
      let entered = try await claiming.run(attempt.enter, timeout: attempt.enteringTimeout)
      guard let waiting = try attempt.waiting(after: entered) else { return token }
      switch try await coordination.room.wait(waiting, token, claiming.word) {
      case .acquired: return token
      case .dismissed:
        LivingClaims.remove(token)
        return nil
      case .timedOut:
        try attempt.checkHolding(after: await claiming.runAnyway(attempt.leave))
        return token
      }
    } catch {
      // The error says more than what giving up may fail with.
      try? await leave(place, token)
      throw error
    }
  }

  /// As ``leave(_:_:)``, for tasks, also for cancelled ones.
  func leave(_ place: Place, _ token: UInt64) async throws {
    LivingClaims.remove(token)
    let claiming = try Claiming(self, place)
    _ = try await claiming.runAnyway(claiming.leave(token))
  }
}
