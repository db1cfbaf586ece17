internal import CFutex
internal import LMDBPlatform

/// Nanoseconds of CLOCK_MONOTONIC, the same for all processes until the system starts anew; no setting of the clock
/// changes it.
enum Moment {
  static var now: Int64 { cfutex_now() }

  /// The moment after that time, or nil for never.
  static func after(_ timeout: Duration?) -> Int64? {
    guard let timeout else { return nil }
    let (seconds, attoseconds) = timeout.components
    // Longer than a century is for ever.
    guard seconds < 3_155_760_000 else { return nil }
    return now + max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  static func duration(from start: Int64, to end: Int64) -> Duration {
    .nanoseconds(max(0, end - start))
  }
}

/// Milliseconds since 1970.
func unixMilliseconds() -> UInt64 {
  UInt64(max(0, cfutex_clock(CLOCK_REALTIME) / 1_000_000))
}
