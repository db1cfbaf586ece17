internal import Dispatch
internal import Synchronization

/// Calls back when the earliest of many deadlines has come. There is one timer for all of them, however many there are.
// `source` is used under the lock only.
final class DeadlineTimer: @unchecked Sendable {
  /// One thread for all. It is never one that somebody may block.
  private static let queue = DispatchQueue(label: "lmkv.deadlines")

  private let lock = Mutex(())
  private var source: (any DispatchSourceTimer)?
  /// What it is set to. `.max`: to nothing.
  private let earliest = Atomic(UInt64.max)

  deinit {
    source?.cancel()
  }

  /// Sets it to a moment of the ``MonotonicClock``, unless it is set to an earlier one. When that has come `body` runs, and is
  /// to set it anew.
  func set(_ deadline: UInt64, _ body: @escaping @Sendable () -> Void) {
    guard deadline < earliest.load(ordering: .relaxed) else { return }
    lock.withLock { _ in
      guard deadline < earliest.load(ordering: .relaxed) else { return }
      earliest.store(deadline, ordering: .relaxed)
      let source = source ?? makeSource(body)
      let left = MonotonicClock.timeLeft(until: deadline) ?? .zero
      source.schedule(deadline: .now() + .nanoseconds(Int(clamping: left.nanoseconds)))
    }
  }

  private func makeSource(_ body: @escaping @Sendable () -> Void) -> any DispatchSourceTimer {
    let source = DispatchSource.makeTimerSource(queue: Self.queue)
    source.setEventHandler { [weak self] in
      self?.earliest.store(.max, ordering: .relaxed)
      body()
    }
    source.resume()
    self.source = source
    return source
  }
}
