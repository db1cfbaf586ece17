extension FileCheck {
  /// Looks at an entry of a leaf page, and at all that hangs on it.
  func checkEntry(_ node: PageNode, in page: PageBytes, _ tree: inout Tree) throws {
    let known = PageFormat.Node.overflow | PageFormat.Node.subDatabase | PageFormat.Node.duplicates
    let isDatabase = node.flags & PageFormat.Node.subDatabase != 0
    let hasDuplicates = node.flags & PageFormat.Node.duplicates != 0
    let isLarge = node.flags & PageFormat.Node.overflow != 0
    let isSubTree = isDatabase && hasDuplicates
    guard node.flags & ~known == 0, !(isLarge && (isDatabase || hasDuplicates)),
      hasDuplicates ? tree.hasDuplicates : !isDatabase || tree.kind == .main
    else {
      throw entryFinding(node, page, tree, "has the flags \(node.flags)")
    }
    guard !isDatabase || node.dataSize == TreeRecord.size else {
      throw entryFinding(node, page, tree, "is a database's record of \(node.dataSize) bytes")
    }
    if isDatabase {
      let record = TreeRecord(page, at: node.dataOffset)
      guard !isSubTree else { return try checkTree(.duplicates, record, name: tree.name) }
      let name = Array(page.key(node))
      figures.databases.append((name, record))
      try checkTree(.named, record, name: name)
    } else if isLarge {
      let value = try readLargeValue(node, in: page, &tree)
      let start = PageFormat.headerSize
      try hand(value, start..<start + node.dataSize, node, page, tree)
    } else if !hasDuplicates {
      try hand(page, node.dataOffset..<node.dataOffset + node.dataSize, node, page, tree)
    }
  }

  /// A value with pages of its own, behind the header of the first one.
  private func readLargeValue(_ node: PageNode, in page: PageBytes, _ tree: inout Tree) throws(FileFinding) -> PageBytes
  {
    let first: UInt64 = page.load(node.dataOffset)
    let size = PageFormat.headerSize + node.dataSize
    let needed = UInt64((size + file.pageSize - 1) / file.pageSize)
    func fault(_ kind: FileFinding.Kind, _ message: String) -> FileFinding {
      FileFinding(kind, page: first, key: key(node, page, tree), message)
    }
    guard first >= PageFormat.firstTreePage, first < present, needed <= present - first else {
      let place = "page \(page.number), of \(tree.title)"
      throw fault(.page, "A value in \(place), lies at page \(first), outside of the file.")
    }
    var value = PageBytes(count: PageFormat.headerSize)
    do throws(LMDBError) {
      try file.read(first, into: &value)
      // A value that was overwritten with a shorter one in the same transaction keeps its pages.
      let count = UInt64(value.overflowCount)
      guard value.number == first, value.flags == PageFormat.Page.overflow, count >= needed else {
        throw LMDBError(.corrupted)
      }
      // The size was taken from the page above, so nothing is reserved for it before the value itself agrees.
      value = PageBytes(count: size)
      try file.read(first, into: &value)
    } catch {
      guard error.code == .corrupted else {
        throw fault(.unreadable, "Page \(first), of a value in \(tree.title), cannot be read: \(error.code).")
      }
      throw fault(.page, "Page \(first), of \(tree.title), does not begin a value of \(node.dataSize) bytes.")
    }
    let count = UInt64(value.overflowCount)
    try reach(first, count: count, as: "a value of \(tree.title)")
    tree.overflowPages += count
    return value
  }

  private func hand(
    _ bytes: PageBytes,
    _ range: Range<Int>,
    _ node: PageNode,
    _ page: PageBytes,
    _ tree: Tree
  ) throws {
    if tree.kind == .freeList { return try checkFreePages(bytes, range, node, page) }
    try unsafe bytes.bytes[range].withUnsafeBytes { value in
      try unsafe page.bytes[node.keyRange].withUnsafeBytes { key in
        unsafe try handlers.entry(tree.name, key, value, page.number)
      }
    }
  }

  /// A record of the list of free pages: how many, and as many numbers, descending. Its key is the transaction.
  private func checkFreePages(_ bytes: PageBytes, _ range: Range<Int>, _ node: PageNode, _ page: PageBytes) throws {
    let transaction: UInt64 = page.load(node.keyRange.lowerBound)
    guard transaction >= 1, transaction <= meta.transactionID else {
      let message = "The list of free pages has a record of the transaction \(transaction)."
      throw FileFinding(.freeList, page: page.number, message)
    }
    let count: UInt64 = range.count < 8 ? .max : bytes.load(range.lowerBound)
    guard range.count % 8 == 0, count <= UInt64(range.count / 8 - 1) else {
      let message = "The list of free pages has a record, of the transaction \(transaction), that is cut off."
      throw FileFinding(.freeList, page: page.number, message)
    }
    var previous = UInt64.max
    for index in 0..<Int(count) {
      let free: UInt64 = bytes.load(range.lowerBound + 8 + 8 * index)
      guard free < previous else {
        let message = "The list of free pages has page \(free) out of order, for the transaction \(transaction)."
        throw FileFinding(.freeList, page: page.number, message)
      }
      previous = free
      try reach(free, as: "a free page", isFree: true)
      figures.freePages += 1
    }
    try reportProgress()
  }

  private func key(_ node: PageNode, _ page: PageBytes, _ tree: Tree) -> [UInt8]? {
    tree.kind == .freeList ? nil : Array(page.key(node))
  }

  private func entryFinding(_ node: PageNode, _ page: PageBytes, _ tree: Tree, _ what: String) -> FileFinding {
    let message = "An entry in page \(page.number), of \(tree.title), \(what)."
    return FileFinding(.page, page: page.number, key: key(node, page, tree), message)
  }
}
