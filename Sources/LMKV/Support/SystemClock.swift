internal import LMDBPlatform

extension StoreClock {
  /// The computer's clock, as the operating system sets it.
  public static let system = StoreClock(isSystem: true) {
    var time = timespec()
    // The clock always exists and the pointer is to a local variable, so there is no failure to report.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
