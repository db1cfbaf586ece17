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
    // As far as 64 bits reach, 18 s: the parts of a duration come from divisions of 128 bits, and this is asked in commits.
    if let attoseconds = UInt64(exactly: attoseconds) { return attoseconds / 1_000_000_000 }
    let (seconds, attoseconds) = components
    guard self > .zero else { return 0 }
    return UInt64(clamping: min(seconds, 1 << 32)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
