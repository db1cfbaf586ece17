internal import LMDB
internal import Synchronization

/// How many writes of a store have begun and not ended: what whoever closes it waits for.
///
/// A write counts itself before it asks whether the store is open, and the store is closed before somebody looks here. So who
/// waits misses none, and writes that are refused are counted only for a moment.
final class RunningWrites: Sendable {
  /// Added once somebody waits.
  private static let isAwaited = 1 << 62

  private let word = Atomic(0)
  /// Whether the last one has ended since somebody waits.
  private let ended = Monitor(false)

  @inline(__always)
  func begin() { word.add(1, ordering: .relaxed) }

  @inline(__always)
  func end() {
    if word.subtract(1, ordering: .acquiringAndReleasing).newValue == Self.isAwaited { ended.signalAfter { $0 = true } }
  }

  /// Waits until there is none. False when the time was over first.
  func wait(until deadline: UInt64) -> Bool {
    word.bitwiseOr(Self.isAwaited, ordering: .acquiringAndReleasing)
    guard let left = MonotonicClock.timeLeft(until: deadline) else {
      ended.waitUntil({ $0 || isOver }) { _ in }
      return true
    }
    return ended.wait(until: .now + left, { $0 || isOver }) { _ in } != nil
  }

  private var isOver: Bool { word.load(ordering: .acquiring) == Self.isAwaited }
}
