internal import LMDBPlatform

/// What the first two pages of a data file say about it, read before LMDB maps the file.
///
/// LMDB trusts its header: a page size of zero divides by zero, and a file that ends before its last page is a
/// `SIGBUS` at some later read. So the header is checked here, with plain reads. Only pages that the file's own list
/// calls free may be missing at its end: LMDB may give out a page's number and take it back without writing the page.
package struct FileHeader {
  /// The version of LMDB 0.9's files.
  static let format = Int(MetaPage.version)

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
    let first = try readMeta(descriptor, path, slot: 0, at: 0)
    let pageSize = first.pageSize
    let second = try readMeta(descriptor, path, slot: 1, at: pageSize)
    let newest = first.transactionID >= second.transactionID ? first : second
    guard second.pageSize == first.pageSize else { throw LMDBError(.invalid, "open \(path)") }
    // One follows on the other: else a changed bit makes the older state the newest.
    guard max(first.transactionID, second.transactionID) - min(first.transactionID, second.transactionID) <= 1 else {
      throw LMDBError(.corrupted, "open \(path)")
    }
    // After the header, since a writer makes the file longer before it says so there.
    let size = Int(lseek(descriptor, 0, SEEK_END))
    // Trailing pages may legally be missing when they are free, so only the roots must lie within the file.
    for root in [newest.freeList.root, newest.main.root] where root != PageFormat.noPage {
      // The first two pages are the header; LMDB stops the process when it is sent there.
      guard root >= PageFormat.firstTreePage, root <= newest.lastPage else {
        throw LMDBError(.corrupted, "open \(path)")
      }
      guard Int(root + 1) * pageSize <= size else { throw LMDBError(.truncated, "open \(path)") }
    }
    let present = UInt64(size / pageSize)
    guard present <= newest.lastPage else { return true }
    let pages = PageReader(
      file: PageFile(descriptor: descriptor, path: path, pageSize: pageSize),
      pageCount: present
    )
    let free = try pages.freePages(root: newest.freeList.root)
    guard (present...newest.lastPage).allSatisfy(free.contains) else { throw LMDBError(.truncated, "open \(path)") }
    return true
  }

  /// Whether a file that has so many whole pages, with some written over, has all of a state that are not free.
  package static func hasAllPages(
    of state: MetaPage,
    _ descriptor: Int32,
    _ path: String,
    present: UInt64,
    images: [UInt64: [UInt8]]
  ) throws(LMDBError) -> Bool {
    guard present <= state.lastPage else { return true }
    let pages = PageReader(
      file: PageFile(descriptor: descriptor, path: path, pageSize: state.pageSize),
      pageCount: state.lastPage + 1,
      images: images
    )
    do throws(LMDBError) {
      let free = try pages.freePages(root: state.freeList.root)
      return (present...state.lastPage).allSatisfy { free.contains($0) || images[$0] != nil }
    } catch {
      guard error.code == .truncated || error.code == .corrupted else { throw error }
      return false
    }
  }

  private static func readMeta(
    _ descriptor: Int32,
    _ path: String,
    slot: Int,
    at offset: Int
  ) throws(LMDBError) -> MetaPage {
    var page = PageBytes(count: PageFormat.metaSize)
    let count = unsafe page.bytes.withUnsafeMutableBytes {
      unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
    }
    guard count >= 0 else { throw LMDBError(.init(rawValue: errno), "read \(path)") }
    let isWhole = count == PageFormat.metaSize
    // LMDB 1.0 has a longer page header, so its magic number lies eight bytes further on.
    if isWhole, page.load(24) == MetaPage.magic { throw LMDBError(.newerFormat, "open \(path)") }
    // The first page of a foreign file is no header; where the second one should be, a file of LMDB's can only end.
    guard isWhole || offset == 0 else { throw LMDBError(.truncated, "open \(path)") }
    guard page.load(16) == MetaPage.magic, page.flags & PageFormat.Page.meta != 0 else {
      throw LMDBError(.invalid, "open \(path)")
    }
    guard isWhole else { throw LMDBError(.truncated, "open \(path)") }
    let version: UInt32 = page.load(20)
    guard version == MetaPage.version else {
      throw LMDBError(version > MetaPage.version ? .newerFormat : .versionMismatch, "open \(path)")
    }
    guard let meta = MetaPage(page, slot: slot) else { throw LMDBError(.invalid, "open \(path)") }
    guard meta.isPlausible else { throw LMDBError(.corrupted, "open \(path)") }
    return meta
  }
}
