internal import LMDBPlatform

/// What a power failure leaves of a data file that was just being created: pages of the header, or parts of them, and
/// zeros.
///
/// LMDB writes the first header without a sync, so that a disk may have any of its sectors and the file's size or not.
/// Such a file holds nothing and cannot be opened; a creation begins anew in its place.
enum TornBeginning {
  private static let sector = 512
  private static let largestPage = 32_768

  /// Empties a file whose creation has failed.
  static func discard(_ path: String) {
    let descriptor = openFile(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    // Should that fail, too, the next one to open it finds a beginning, or damage, and says so.
    _ = ftruncate(descriptor, 0)
    _ = close(descriptor)
  }

  /// Empties the file if it is such a one. Returns whether it was.
  static func clear(_ path: String) throws(LMDBError) -> Bool {
    let descriptor = openFile(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { _ = close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 2 * largestPage + 1)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count > 0, count < bytes.count, count.isMultiple(of: sector), holdsNothing(bytes[..<count]) else {
      return false
    }
    guard ftruncate(descriptor, 0) == 0 else { throw LMDBError(.init(rawValue: errno), "create \(path)") }
    return true
  }

  /// Whether each sector is either empty or the beginning of a header page of a database in which nothing was written.
  private static func holdsNothing(_ bytes: ArraySlice<UInt8>) -> Bool {
    for start in stride(from: 0, to: bytes.count, by: sector) {
      let part = bytes[start..<min(start + sector, bytes.count)]
      guard part.allSatisfy({ $0 == 0 }) || isNewHeader(part) else { return false }
    }
    return true
  }

  private static func isNewHeader(_ sector: ArraySlice<UInt8>) -> Bool {
    let header = [UInt8](sector)
    guard header.count == Self.sector else { return false }
    // Magic number and format, then the roots of both databases and the number of the last transaction.
    return header[16..<24] == [0xDE, 0xC0, 0xEF, 0xBE, 1, 0, 0, 0]
      && header[80..<88].allSatisfy { $0 == 0xFF }
      && header[128..<136].allSatisfy { $0 == 0xFF }
      && header[144...].allSatisfy { $0 == 0 }
  }
}
