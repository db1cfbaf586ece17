internal import LMDBPlatform

/// The numbers by which the way to the disk decides. Tests make them small, so that what comes with much data comes soon.
package struct DurabilityLimits: Sendable {
  /// The log begins with so many bytes, and grows to so many. Powers of two of at least 4,096.
  package var smallestLog: UInt64 = 1 << 20
  package var largestLog: UInt64 = 1 << 25
  /// So many times the log's size must be free on the disk for it to grow, and its smallest size for there to be one at all.
  package var freeLogs: UInt64 = 4
  /// How many bytes are free on the disk of a directory. Tests say less.
  package var freeSpace: @Sendable (_ directory: String) -> UInt64 = DurabilityLimits.freeSpace
  /// How many images of pages a checkpoint keeps, at most.
  package var maxImages: UInt64 = 2_048
  /// After so many transactions the pin moves on, at the latest. The list of free pages is to fit in one page.
  package var longestWindow: UInt64 = 32
  /// It moves on sooner where that many transactions free more pages than this.
  package var pagesInWindow: UInt64 = 128
  /// And as soon as the file has grown by so many pages.
  package var growth: UInt64 = 64
  /// So many durable commits, each so soon after the one before (in nanoseconds), make a load that is worth a checkpoint.
  package var streak: UInt64 = 8
  /// The same for relaxed ones: while LMDB commits by itself they wait for the disk, too.
  package var relaxedStreak: UInt64 = 1
  package var streakGap: UInt64 = 20_000_000
  /// After so many nanoseconds without a commit the file is made clean.
  package var idle: UInt64 = 500_000_000
  /// So many bytes of pages may wait for the pin to move on, before a checkpoint lets them go.
  package var maxKept = 64 << 20
  /// How long a process that closes the store waits for the turn, to give up the pin in order.
  package var closingPatience = Duration.seconds(1)

  package init() {}

  private static func freeSpace(_ directory: String) -> UInt64 {
    var status = statvfs()
    // Where the system does not say, the disk does when it is full.
    guard unsafe statvfs(directory, &status) == 0 else { return .max }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
