internal import Foundation
internal import LMDBPlatform

/// A process that was killed, but not all of whose threads have found out.
///
/// A member is dead when one thread of its process is. Meanwhile another one, which has a lock, may be in the middle of
/// a system call, say a write, which it will finish before it dies too. Until then the lock is not free.
enum DyingProcess {
  private static let kill: UInt64 = 1 << (UInt64(SIGKILL) - 1)

  /// Whether a thread of the process has yet to die: whatever ends a process sends all of its threads this signal first.
  static func isActive(_ process: Int32) -> Bool {
    #if os(Linux)
      // Where there is no such directory the process is gone.
      let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
      return threads.contains { isToDie("/proc/\(process)/task/\($0)/status") }
    #else
      return false
    #endif
  }

  private static func isToDie(_ path: String) -> Bool {
    // A thread that is gone has no file.
    guard let status = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
    for line in status.split(separator: "\n") where line.hasPrefix("SigPnd:") {
      let signals = UInt64(line.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) ?? 0
      return signals & kill != 0
    }
    return false
  }
}
