internal import Foundation

/// One line on the terminal that says what is going on, rewritten in place. Nothing where standard error is no
/// terminal.
public struct ProgressLine: Sendable {
  private let isShown = isatty(STDERR_FILENO) != 0

  public init() {}

  public func show(_ text: String) {
    write("\r\u{1B}[K" + text)
  }

  public func clear() {
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    if isShown { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
  }
}

/// Prints a remark for the person who runs the benchmark, out of the way of its output.
public func printNote(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data("note: \(text)\n".utf8))
}
