internal import ControlPage
internal import Synchronization

/// A thread or a task of this process that waits for a permit.
final class Waiter: Sendable {
  enum Outcome: Sendable {
    case granted
    /// What it waited for is done.
    case dismissed
    case timedOut
    /// The store was closed, or the task cancelled.
    case failed(any Error)
  }

  private struct State {
    var outcome: Outcome?
    var wake: (@Sendable () -> Void)?
  }

  let claim: Claim
  /// The store through which it waits.
  let store: UInt64
  private let state = Mutex(State())

  init(_ claim: Claim, _ store: UInt64) {
    self.claim = claim
    self.store = store
  }

  /// Ends its waiting, unless that has ended already.
  func finish(_ outcome: Outcome) {
    let wake = state.withLock { state -> (@Sendable () -> Void)? in
      guard state.outcome == nil else { return nil }
      state.outcome = outcome
      return state.wake.take()
    }
    wake?()
  }

  /// Calls `wake` when its waiting ends, at once if it has.
  func whenFinished(_ wake: @escaping @Sendable () -> Void) {
    let isFinished = state.withLock { state in
      if state.outcome == nil { state.wake = wake }
      return state.outcome != nil
    }
    if isFinished { wake() }
  }

  /// Nil as long as it waits.
  var outcome: Outcome? { state.withLock { $0.outcome } }
}

/// Those of this process who wait at one place, in the order of their claims.
struct WaitingLine {
  private var waiters: [Waiter] = []
  /// Those before it have gone. They are dropped many at a time, so that it costs nothing to take the first.
  private var start = 0

  var isEmpty: Bool { start == waiters.count }
  var first: Waiter? { isEmpty ? nil : waiters[start] }
  var all: ArraySlice<Waiter> { waiters[start...] }

  /// Whoever came last has the highest number, as a rule.
  mutating func insert(_ waiter: Waiter) {
    var index = waiters.count
    while index > start, waiters[index - 1].claim.number > waiter.claim.number { index -= 1 }
    waiters.insert(waiter, at: index)
  }

  mutating func removeFirst() {
    start += 1
    guard start * 2 > waiters.count else { return }
    waiters.removeFirst(start)
    start = 0
  }

  mutating func remove(_ waiter: Waiter) {
    var (low, high) = (start, waiters.count)
    while low < high {
      let middle = (low + high) / 2
      if waiters[middle].claim.number < waiter.claim.number { low = middle + 1 } else { high = middle }
    }
    if low < waiters.count, waiters[low] === waiter { waiters.remove(at: low) }
  }
}
