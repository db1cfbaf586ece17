internal import LMDBPlatform

/// What the first two pages of a data file say about it, read before LMDB maps the file.
///
/// LMDB trusts its header: a page size of zero divides by zero, and a file that ends before its last page is a
/// `SIGBUS` at some later read. So the header is checked here, with plain reads. Only pages that the file's own list
/// calls free may be missing at its end: LMDB may give out a page's number and take it back without writing the page.
struct FileHeader {
  /// The version of LMDB 0.9's files.
  static let format = 1

  private static let magic: UInt32 = 0xBEEF_C0DE
  private static let metaFlag: UInt16 = 0x08
  private static let noPage = UInt64.max

  private struct Meta {
    let pageSize: UInt32
    let freeRoot: UInt64
    let mainRoot: UInt64
    let lastPage: UInt64
    let transactionID: UInt64
  }

  /// Whether a file with data exists. Throws when the file is not an LMDB 0.9 file, or is truncated.
  ///
  /// Another process may be writing while this reads page by page, so what looks damaged is looked at again: damage
  /// stays.
  ///
  /// With `mustExist` an empty file is damage rather than a beginning.
  static func check(_ path: String, mustExist: Bool) throws(LMDBError) -> Bool {
    var attempts = 0
    while true {
      do throws(LMDBError) {
        return try checkOnce(path, mustExist: mustExist)
      } catch {
        attempts += 1
        guard attempts < 10, error.code == .truncated || error.code == .corrupted else { throw error }
        usleep(500)
      }
    }
  }

  private static func checkOnce(_ path: String, mustExist: Bool) throws(LMDBError) -> Bool {
    let descriptor = openFile(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return false }
      throw LMDBError(.init(rawValue: errno), "open \(path)")
    }
    defer { _ = close(descriptor) }
    guard lseek(descriptor, 0, SEEK_END) != 0 else {
      guard !mustExist else { throw LMDBError(.truncated, "open \(path)") }
      return false
    }
    let first = try readMeta(descriptor, path, at: 0)
    let pageSize = Int(first.pageSize)
    guard pageSize.nonzeroBitCount == 1, (512...32_768).contains(pageSize) else {
      throw LMDBError(.invalid, "open \(path)")
    }
    let second = try readMeta(descriptor, path, at: pageSize)
    let newest = first.transactionID >= second.transactionID ? first : second
    guard second.pageSize == first.pageSize, newest.lastPage < UInt64(Int.max / pageSize) else {
      throw LMDBError(.invalid, "open \(path)")
    }
    // After the header, since a writer makes the file longer before it says so there.
    let size = Int(lseek(descriptor, 0, SEEK_END))
    // Trailing pages may legally be missing when they are free, so only the roots must lie within the file.
    for root in [newest.freeRoot, newest.mainRoot] where root != noPage {
      // The first two pages are the header; LMDB stops the process when it is sent there.
      guard root > 1, root <= newest.lastPage else { throw LMDBError(.corrupted, "open \(path)") }
      guard Int(root + 1) * pageSize <= size else { throw LMDBError(.truncated, "open \(path)") }
    }
    let present = UInt64(size / pageSize)
    guard present <= newest.lastPage else { return true }
    let pages = PageReader(descriptor: descriptor, pageSize: pageSize, pageCount: present, path: path)
    let free = try pages.freePages(root: newest.freeRoot)
    guard (present...newest.lastPage).allSatisfy(free.contains) else { throw LMDBError(.truncated, "open \(path)") }
    return true
  }

  private static func readMeta(_ descriptor: Int32, _ path: String, at offset: Int) throws(LMDBError) -> Meta {
    let length = 152
    var bytes = [UInt8](repeating: 0, count: length)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, length, off_t(offset)) }
    guard count >= 0 else { throw LMDBError(.init(rawValue: errno), "read \(path)") }
    let span = unsafe bytes.span.bytes
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
      // `bytes` has 152 bytes and every offset below is a constant well inside.
      unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }
    // LMDB 1.0 has a longer page header, so its magic number lies eight bytes further on.
    if count == length, load(24, as: UInt32.self) == magic { throw LMDBError(.newerFormat, "open \(path)") }
    // The first page of a foreign file is no header; where the second one should be, a file of LMDB's can only end.
    guard count == length || offset == 0 else { throw LMDBError(.truncated, "open \(path)") }
    guard load(16, as: UInt32.self) == magic, load(10, as: UInt16.self) & metaFlag != 0 else {
      throw LMDBError(.invalid, "open \(path)")
    }
    guard count == length else { throw LMDBError(.truncated, "open \(path)") }
    let version = load(20, as: UInt32.self)
    guard version == format else { throw LMDBError(version > format ? .newerFormat : .versionMismatch, "open \(path)") }
    return Meta(
      pageSize: load(40, as: UInt32.self),
      freeRoot: load(40 + 40, as: UInt64.self),
      mainRoot: load(40 + 88, as: UInt64.self),
      lastPage: load(136, as: UInt64.self),
      transactionID: load(144, as: UInt64.self)
    )
  }
}
