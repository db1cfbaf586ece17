internal import LMDBPlatform

/// Colours, for terminals.
struct Style {
  let isColored: Bool

  /// Whether the user allows colours: https://no-color.org.
  static var isWanted: Bool {
    if let value = unsafe getenv("NO_COLOR"), unsafe value.pointee != 0 { return false }
    return isTerminalCapable
  }

  /// Whether the terminal knows more than lines.
  static var isTerminalCapable: Bool {
    guard let terminal = unsafe getenv("TERM") else { return false }
    return unsafe String(cString: terminal) != "dumb"
  }

  func key(_ text: String) -> String { colored(text, "36") }
  func heading(_ text: String) -> String { colored(text, "1") }
  func faint(_ text: String) -> String { colored(text, "2") }
  func error(_ text: String) -> String { colored(text, "31") }

  private func colored(_ text: String, _ code: String) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
