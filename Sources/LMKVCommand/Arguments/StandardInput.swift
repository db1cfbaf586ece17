internal import LMDBPlatform

/// The standard input, as a whole or line by line.
final class StandardInput {
  private var buffer: [UInt8] = []
  private var start = 0
  private var searched = 0
  private var isAtEnd = false

  static var isTerminal: Bool { isatty(STDIN_FILENO) != 0 }

  /// Everything up to the end.
  func readAll() throws -> [UInt8] {
    while try fill() {}
    defer { start = buffer.count }
    return Array(buffer[start...])
  }

  /// Reads ahead up to the end or so many bytes.
  func readAhead(_ count: Int) throws {
    while buffer.count - start < count, try fill() {}
  }

  /// The next line, without its end. Nil after the last one.
  func readLine() throws -> [UInt8]? {
    searched = max(searched, start)
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Array(buffer[start..<end])
      }
      searched = buffer.count
      if try !fill() { break }
    }
    guard start < buffer.count else { return nil }
    defer { start = buffer.count }
    return Array(buffer[start...])
  }

  /// Reads a piece. False at the end.
  private func fill() throws -> Bool {
    guard !isAtEnd else { return false }
    if start > 1 << 20, start > buffer.count / 2 {
      buffer.removeFirst(start)
      searched = max(0, searched - start)
      start = 0
    }
    let piece = try unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { room, count in
      var got = unsafe read(STDIN_FILENO, room.baseAddress, room.count)
      while got < 0, errno == EINTR { got = unsafe read(STDIN_FILENO, room.baseAddress, room.count) }
      guard got >= 0 else { throw CommandFailure(.inputOutput, "The standard input cannot be read: \(systemError()).") }
      count = got
    }
    buffer += piece
    isAtEnd = piece.isEmpty
    return !isAtEnd
  }
}

/// What the system calls its last error.
func systemError() -> String {
  unsafe String(cString: strerror(errno))
}
