internal import LMDBPlatform

extension StoreClock {
  /// The computer's clock, as the operating system sets it.
  public static let system = StoreClock(
    isSystem: true,
    now: { milliseconds(CLOCK_REALTIME) },
    roughly: { milliseconds(tickingClock) }
  )

  /// The one that goes on from tick to tick of the kernel, 1 to 10 ms.
  private static var tickingClock: clockid_t {
    #if canImport(Darwin)
      CLOCK_REALTIME
    #else
      CLOCK_REALTIME_COARSE
    #endif
  }

  private static func milliseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // The clock always exists and the pointer is to a local variable, so there is no failure to report.
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
