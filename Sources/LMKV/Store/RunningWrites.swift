internal import Dispatch
internal import Synchronization

/// How many writes of a store have begun and not ended: what whoever closes it waits for.
///
/// A write counts itself before it asks whether the store is open, and the store is closed before somebody looks here. So who
/// waits misses none, and writes that are refused are counted only for a moment.
final class RunningWrites: Sendable {
  /// Added once somebody waits.
  private static let isAwaited = 1 << 62

  private let word = Atomic(0)
  private let ended = DispatchSemaphore(value: 0)

  @inline(__always)
  func begin() { word.add(1, ordering: .relaxed) }

  @inline(__always)
  func end() {
    if word.subtract(1, ordering: .acquiringAndReleasing).newValue == Self.isAwaited { ended.signal() }
  }

  /// Waits until there is none. False when the time was over first.
  func wait(until deadline: UInt64) -> Bool {
    word.bitwiseOr(Self.isAwaited, ordering: .acquiringAndReleasing)
    while word.load(ordering: .acquiring) != Self.isAwaited {
      let left = MonotonicClock.timeLeft(until: deadline).map {
        DispatchTime.now() + .nanoseconds(Int(clamping: $0.nanoseconds))
      }
      guard ended.wait(timeout: left ?? .distantFuture) == .success else {
        return word.load(ordering: .acquiring) == Self.isAwaited
      }
    }
    // For somebody else who closes it.
    ended.signal()
    return true
  }
}
