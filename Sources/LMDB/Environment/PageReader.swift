/// Reads the list of free pages out of a data file that LMDB does not have open.
struct PageReader {
  let file: PageFile
  /// How many whole pages the file has.
  let pageCount: UInt64
  /// Pages that are not to be read from the file.
  var images: [UInt64: [UInt8]] = [:]

  /// The numbers of all free pages: the values of the free database, each a count and as many page numbers.
  func freePages(root: UInt64) throws(LMDBError) -> Set<UInt64> {
    var pages: Set<UInt64> = []
    // No page can be met twice in a sound tree; in a damaged one that would multiply.
    var budget = pageCount
    if root != PageFormat.noPage { try collect(page: root, depth: 0, &budget, into: &pages) }
    return pages
  }

  private func collect(
    page number: UInt64,
    depth: Int,
    _ budget: inout UInt64,
    into pages: inout Set<UInt64>
  ) throws(LMDBError) {
    guard depth < PageFormat.deepest, budget > 0 else { throw damaged }
    budget -= 1
    let page = try read(number, count: file.pageSize)
    guard page.lower >= PageFormat.headerSize, page.lower <= file.pageSize else { throw damaged }
    for index in 0..<page.nodeCount {
      let node = page.node(index)
      guard node.offset + PageFormat.nodeHeaderSize <= file.pageSize else { throw damaged }
      if page.flags & PageFormat.Page.branch != 0 {
        try collect(page: node.child, depth: depth + 1, &budget, into: &pages)
      } else if page.flags & PageFormat.Page.leaf != 0 {
        if node.flags & PageFormat.Node.overflow != 0 {
          guard node.dataOffset + 8 <= file.pageSize else { throw damaged }
          let value = try read(page.load(node.dataOffset), count: PageFormat.headerSize + node.dataSize)
          try add(value, at: PageFormat.headerSize, node.dataSize, to: &pages)
        } else {
          try add(page, at: node.dataOffset, node.dataSize, to: &pages)
        }
      } else {
        throw damaged
      }
    }
  }

  private func add(_ page: PageBytes, at start: Int, _ size: Int, to pages: inout Set<UInt64>) throws(LMDBError) {
    guard size >= 8, start + size <= page.bytes.count else { throw damaged }
    let count: UInt64 = page.load(start)
    guard count <= UInt64(size / 8 - 1) else { throw damaged }
    for index in 0..<Int(count) { pages.insert(page.load(start + 8 + index * 8)) }
  }

  private func read(_ number: UInt64, count: Int) throws(LMDBError) -> PageBytes {
    let pages = UInt64((count + file.pageSize - 1) / file.pageSize)
    guard number < pageCount, pages <= pageCount - number else { throw LMDBError(.truncated, "open \(file.path)") }
    var page = PageBytes(count: count)
    guard !images.isEmpty else {
      try file.read(number, into: &page)
      return page
    }
    var part = PageBytes(count: file.pageSize)
    for index in 0..<Int(pages) {
      if let image = images[number + UInt64(index)] {
        part.bytes = image
      } else {
        try file.read(number + UInt64(index), into: &part)
      }
      let start = index * file.pageSize
      page.bytes.replaceSubrange(start..<min(count, start + file.pageSize), with: part.bytes.prefix(count - start))
    }
    return page
  }

  private var damaged: LMDBError { LMDBError(.corrupted, "open \(file.path)") }
}
