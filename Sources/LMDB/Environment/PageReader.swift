internal import LMDBPlatform

/// Reads the list of free pages out of a data file that LMDB does not have open.
struct PageReader {
  let descriptor: Int32
  let pageSize: Int
  /// How many whole pages the file has.
  let pageCount: UInt64
  let path: String

  private static let headerSize = 16
  private static let branch: UInt16 = 0x01
  private static let leaf: UInt16 = 0x02
  private static let overflow: UInt16 = 0x04
  private static let bigData: UInt16 = 0x01
  private static let deepest = 32

  /// The numbers of all free pages: the values of the free database, each a count and as many page numbers.
  func freePages(root: UInt64) throws(LMDBError) -> Set<UInt64> {
    var pages: Set<UInt64> = []
    // No page can be met twice in a sound tree; in a damaged one that would multiply.
    var budget = pageCount
    if root != UInt64.max { try collect(page: root, depth: 0, &budget, into: &pages) }
    return pages
  }

  private func collect(
    page number: UInt64,
    depth: Int,
    _ budget: inout UInt64,
    into pages: inout Set<UInt64>
  ) throws(LMDBError) {
    guard depth < Self.deepest, budget > 0 else { throw LMDBError(.corrupted, "open \(path)") }
    budget -= 1
    let page = try read(number, count: 1)
    let flags = page.load(10, as: UInt16.self)
    let end = Int(page.load(12, as: UInt16.self))
    guard end >= Self.headerSize, end <= pageSize else { throw LMDBError(.corrupted, "open \(path)") }
    for slot in stride(from: Self.headerSize, to: end, by: 2) {
      let node = Int(page.load(slot, as: UInt16.self))
      guard node + 8 <= pageSize else { throw LMDBError(.corrupted, "open \(path)") }
      let low = UInt64(page.load(node, as: UInt16.self)) | UInt64(page.load(node + 2, as: UInt16.self)) << 16
      let nodeFlags = page.load(node + 4, as: UInt16.self)
      if flags & Self.branch != 0 {
        try collect(page: low | UInt64(nodeFlags) << 32, depth: depth + 1, &budget, into: &pages)
      } else if flags & Self.leaf != 0 {
        let data = node + 8 + Int(page.load(node + 6, as: UInt16.self))
        let size = Int(low)
        if nodeFlags & Self.bigData != 0 {
          guard data + 8 <= pageSize else { throw LMDBError(.corrupted, "open \(path)") }
          let count = (Self.headerSize + size + pageSize - 1) / pageSize
          try add(read(page.load(data, as: UInt64.self), count: count), at: Self.headerSize, size, to: &pages)
        } else {
          try add(page, at: data, size, to: &pages)
        }
      } else {
        throw LMDBError(.corrupted, "open \(path)")
      }
    }
  }

  private func add(_ page: Page, at start: Int, _ size: Int, to pages: inout Set<UInt64>) throws(LMDBError) {
    guard size >= 8, start + size <= page.bytes.count else { throw LMDBError(.corrupted, "open \(path)") }
    let count = page.load(start, as: UInt64.self)
    guard count <= UInt64(size / 8 - 1) else { throw LMDBError(.corrupted, "open \(path)") }
    for index in 0..<Int(count) { pages.insert(page.load(start + 8 + index * 8, as: UInt64.self)) }
  }

  private func read(_ number: UInt64, count: Int) throws(LMDBError) -> Page {
    guard number < pageCount, UInt64(count) <= pageCount - number else { throw LMDBError(.truncated, "open \(path)") }
    let size = count * pageSize
    var bytes = [UInt8](repeating: 0, count: size)
    let offset = off_t(number) * off_t(pageSize)
    let got = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, size, offset) }
    guard got == size else { throw LMDBError(got < 0 ? .init(rawValue: errno) : .truncated, "read \(path)") }
    return Page(bytes: bytes)
  }

  private struct Page {
    let bytes: [UInt8]

    /// A little-endian number. Out of bounds is zero, so that a damaged page leads to an error above, not to a trap.
    func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
      let size = MemoryLayout<T>.size
      guard offset >= 0, offset + size <= bytes.count else { return 0 }
      return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | T($1) }
    }
  }
}
