internal import LMDBPlatform

/// How far a long verb is, on a line of its own that is written over: on the standard error, and only for people.
final class ProgressMeter {
  private let isShown: Bool
  private var percent = -1

  init(isWanted: Bool) {
    isShown = isWanted && isatty(STDERR_FILENO) != 0 && Style.isTerminalCapable
  }

  func show(_ done: UInt64, of total: UInt64, _ what: String) {
    guard isShown, total > 0 else { return }
    let now = Int(done * 100 / total)
    guard now != percent else { return }
    percent = now
    write("\r\u{1B}[K\(now) % of \(total) \(what)")
  }

  func clear() {
    guard percent >= 0 else { return }
    percent = -1
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    // Nobody misses it.
    _ = unsafe bytes.withUnsafeBytes { unsafe LMDBPlatform.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
