internal import Foundation

/// Bytes from a pipe, cut into lines.
struct LineBuffer {
  private var bytes = Data()

  /// Waits for bytes of `descriptor` and takes them. Says whether there were any: false is the end of the pipe.
  mutating func fill(from descriptor: Int32) throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count >= 0 {
        bytes.append(contentsOf: chunk[..<count])
        return count > 0
      }
      if errno != EINTR { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
  }

  mutating func nextLine() -> Data? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { bytes.removeSubrange(...end) }
    return bytes[..<end]
  }
}
