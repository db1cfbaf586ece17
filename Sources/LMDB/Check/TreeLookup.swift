/// Looks keys up in the trees of one state of a data file, with plain reads.
///
/// The pages that led to the last key are kept, so that keys which are near each other cost no reads.
package final class TreeLookup {
  private let file: PageFile
  private let main: TreeRecord
  private var pages: [PageBytes] = []

  init(file: PageFile, main: TreeRecord) {
    self.file = file
    self.main = main
  }

  /// The state of `meta`, which must stay as it is meanwhile.
  package convenience init(_ descriptor: Int32, _ path: String, _ meta: MetaPage) {
    self.init(file: PageFile(descriptor: descriptor, path: path, pageSize: meta.pageSize), main: meta.main)
  }

  /// The value of a key, nil where it is absent. A nil database is the main one.
  ///
  /// - Throws: ``LMDBError`` with `corrupted` or `truncated` where the way to the key is damaged.
  package func value(of key: [UInt8], in database: String?) throws(LMDBError) -> [UInt8]? {
    guard let database else { return try find(key, from: main.root)?.value }
    guard let record = try self.record(of: database) else { return nil }
    return try value(of: key, in: record)
  }

  package func value(of key: [UInt8], in tree: TreeRecord) throws(LMDBError) -> [UInt8]? {
    try find(key, from: tree.root)?.value
  }

  /// The record of a named database. Nil where there is none.
  package func record(of database: String) throws(LMDBError) -> TreeRecord? {
    guard let (bytes, flags) = try find(Array(database.utf8), from: main.root) else { return nil }
    guard flags & PageFormat.Node.subDatabase != 0, bytes.count == TreeRecord.size else { throw damaged }
    return TreeRecord(PageBytes(bytes), at: 0)
  }

  private func find(_ key: [UInt8], from root: UInt64) throws(LMDBError) -> (value: [UInt8], flags: UInt16)? {
    guard root != PageFormat.noPage else { return nil }
    var number = root
    for depth in 0..<PageFormat.deepest {
      try load(number, depth)
      let page = pages[depth]
      guard page.lower >= PageFormat.headerSize, page.lower <= file.pageSize else { throw damaged }
      if page.flags & PageFormat.Page.branch != 0 {
        number = try child(of: page, for: key)
      } else if page.flags & PageFormat.Page.leaf != 0 {
        guard let node = try self.node(of: page, for: key) else { return nil }
        return (try value(of: node, in: page), node.flags)
      } else {
        throw damaged
      }
    }
    throw damaged
  }

  private func load(_ number: UInt64, _ depth: Int) throws(LMDBError) {
    if depth == pages.count {
      pages.append(PageBytes(count: file.pageSize))
    } else if pages[depth].number == number {
      return
    }
    try file.read(number, into: &pages[depth])
    guard pages[depth].number == number else { throw damaged }
  }

  /// The first key of a branch page stands for everything before the second.
  private func child(of page: PageBytes, for key: [UInt8]) throws(LMDBError) -> UInt64 {
    guard page.nodeCount > 0 else { throw damaged }
    let index = try firstIndex(in: page, from: 1) { key.lexicographicallyPrecedes($0) }
    return page.node(index - 1).child
  }

  private func node(of page: PageBytes, for key: [UInt8]) throws(LMDBError) -> PageNode? {
    let index = try firstIndex(in: page, from: 0) { !$0.lexicographicallyPrecedes(key) }
    guard index < page.nodeCount, try self.key(of: page.node(index), in: page).elementsEqual(key) else { return nil }
    return page.node(index)
  }

  /// The first node for whose key `isBehind` holds, as it does for all that follow.
  private func firstIndex(
    in page: PageBytes,
    from first: Int,
    _ isBehind: (ArraySlice<UInt8>) -> Bool
  ) throws(LMDBError) -> Int {
    var (low, high) = (first, page.nodeCount)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(try key(of: page.node(middle), in: page)) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func key(of node: PageNode, in page: PageBytes) throws(LMDBError) -> ArraySlice<UInt8> {
    guard node.dataOffset <= file.pageSize else { throw damaged }
    return page.key(node)
  }

  private func value(of node: PageNode, in page: PageBytes) throws(LMDBError) -> [UInt8] {
    let end = node.dataOffset + node.dataSize
    // What is looked up this way is small; LMDB keeps that beside its key.
    guard node.flags & PageFormat.Node.overflow == 0, end <= file.pageSize else { throw damaged }
    return Array(page.bytes[node.dataOffset..<end])
  }

  private var damaged: LMDBError { LMDBError(.corrupted, "read \(file.path)") }
}
