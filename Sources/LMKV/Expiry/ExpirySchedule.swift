internal import Synchronization

/// When a transaction of this process is to look into the expiry index next, so that the others need not.
///
/// It is a memory of this process only: what others write is noticed by looking once a minute.
final class ExpirySchedule: Sendable {
  /// The longest time without a look, in milliseconds.
  static let longestWait: Int64 = 60_000

  // A lost update between two threads only makes a look early, or late by `longestWait`.
  private let next = Atomic<Int64>(.min)

  /// Whether it is time to look. Also when the clock was set back and the look would be far away.
  @inline(__always)
  func isDue(at now: Int64) -> Bool {
    let next = next.load(ordering: .relaxed)
    return next <= now || next.subtractingReportingOverflow(now).partialValue > Self.longestWait
  }

  /// Notes that an entry expires.
  func note(_ expiry: Int64) {
    if expiry < next.load(ordering: .relaxed) { next.store(expiry, ordering: .relaxed) }
  }

  /// Notes a look, and the earliest expiry that it left.
  func looked(at now: Int64, earliest: Int64?) {
    let latest = now.addingReportingOverflow(Self.longestWait)
    next.store(min(earliest ?? .max, latest.overflow ? .max : latest.partialValue), ordering: .relaxed)
  }
}
