internal import LMDBPlatform
internal import LMKV

/// The standard output, written in large pieces.
final class Output {
  private static let pieceSize = 1 << 16
  private var buffer: [UInt8] = []

  /// Whether people read it: then there are tables, and colours unless `NO_COLOR` is set.
  let isTerminal = isatty(STDOUT_FILENO) != 0
  private(set) lazy var style = Style(isColored: isTerminal && Style.isWanted)

  init() {
    buffer.reserveCapacity(2 * Self.pieceSize)
  }

  func write(_ text: String) throws {
    var text = text
    text.withUTF8 { unsafe buffer.append(contentsOf: $0) }
    if buffer.count >= Self.pieceSize { try flush() }
  }

  func write(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= Self.pieceSize { try flush() }
  }

  func line(_ text: String) throws {
    try write(text)
    try write("\n")
  }

  /// A JSON object on a line of its own.
  func object(_ members: KeyValuePairs<String, Value>) throws {
    try line(JSONText.object(members))
  }

  func flush() throws {
    var written = 0
    defer { buffer.removeAll(keepingCapacity: true) }
    while written < buffer.count {
      let count = unsafe buffer.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
        return unsafe LMDBPlatform.write(STDOUT_FILENO, rest.baseAddress, rest.count)
      }
      if count >= 0 {
        written += count
      } else if errno == EPIPE {
        throw BrokenPipe()
      } else if errno != EINTR {
        throw CommandFailure(.inputOutput, "The standard output cannot be written: \(systemError()).")
      }
    }
  }
}

/// Nobody reads the standard output any more: `lmkv keys s | head -1`.
struct BrokenPipe: Error {}
