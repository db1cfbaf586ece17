import Foundation

/// Tells what hangs from what a busy machine keeps from going on.
///
/// It is over when the machine had nothing to do for so many seconds, in which whoever is waited for could have run. Time in
/// which all processors were busy, or waited for a disk, does not count; nor does what was before the last progress.
public struct Patience {
  private let limit: Double
  private var start = idleSeconds()
  private var progress: UInt64?
  private var looks = 0

  /// - Parameter seconds: of an idle machine. One that is half busy takes twice as long for them.
  public init(_ seconds: Double) {
    limit = seconds
  }

  /// To be asked again and again.
  ///
  /// - Parameter progress: a number that changes when something was done.
  public mutating func isOver(_ progress: UInt64 = 0) -> Bool {
    looks += 1
    // To ask costs more than to look.
    guard looks % 64 == 0 else { return false }
    let idle = Self.idleSeconds()
    if progress != self.progress {
      self.progress = progress
      start = idle
    }
    return idle - start > limit
  }

  /// How long the machine had nothing to do, of its processors the mean: `idle` of `/proc/stat`. Elsewhere all time counts.
  private static func idleSeconds() -> Double {
    let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
    let fields = text.prefix { $0 != "\n" }.split(separator: " ")
    guard fields.count > 4, let ticks = Double(fields[4]) else {
      return ProcessInfo.processInfo.systemUptime
    }
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK))) / Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}
