internal import LMDBPlatform

/// The clock that nobody sets. All processes since the start of the machine have the same.
enum MonotonicClock {
  static var nanoseconds: UInt64 {
    var time = timespec()
    // The clock always exists and the pointer is to a local variable, so there is no failure to report.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The moment after a time; `.max` for nil.
  static func moment(after timeout: Duration?) -> UInt64 {
    guard let timeout else { return .max }
    return nanoseconds + timeout.nanoseconds
  }

  /// How long it is until a moment: nil for `.max`.
  static func timeLeft(until moment: UInt64) -> Duration? {
    guard moment != .max else { return nil }
    let now = nanoseconds
    return moment > now ? .nanoseconds(Int64(clamping: moment - now)) : .zero
  }
}

extension Duration {
  var nanoseconds: UInt64 {
    let attoseconds = attoseconds
    guard attoseconds > 0 else { return 0 }
    // What is longer than 157 years is that long. The parts of a duration come from two divisions, and this is asked in commits.
    return UInt64(min(attoseconds, 1 << 92) / 1_000_000_000)
  }
}
