extension FileCheck {
  /// A tree that is being walked.
  struct Tree {
    enum Kind {
      case freeList, main, named
      /// The values of one key.
      case duplicates
    }

    let kind: Kind
    let name: [UInt8]?
    let record: TreeRecord
    let order: KeyOrder
    var hasDuplicates: Bool { record.flags & PageFormat.Database.duplicates != 0 }

    // What was counted.
    var branchPages: UInt64 = 0
    var leafPages: UInt64 = 0
    var overflowPages: UInt64 = 0
    var entries: UInt64 = 0
    /// The first leaf page that is not as deep as the record says.
    var misplacedLeaf: (page: UInt64, depth: Int)?
    /// Whether a page was damaged, so that the counts mean nothing.
    var isCut = false

    init(_ kind: Kind, _ record: TreeRecord, name: [UInt8]? = nil) {
      self.kind = kind
      self.name = name
      self.record = record
      order = KeyOrder(flags: record.flags)
    }

    /// What a sentence calls it.
    var title: String {
      switch kind {
      case .freeList: "the list of free pages"
      case .main: "the main database"
      case .named, .duplicates: "the database \"\(String(decoding: name ?? [], as: UTF8.self))\""
      }
    }
  }

  /// What the keys of a page must lie between: the lower one is included.
  struct Bounds {
    var lower: [UInt8]?
    var upper: [UInt8]?
  }

  func checkTree(_ kind: Tree.Kind, _ record: TreeRecord, name: [UInt8]? = nil) throws {
    var tree = Tree(kind, record, name: name)
    if kind != .freeList, record.flags & ~PageFormat.Database.known != 0 {
      report(finding(.record, tree, "The record of \(tree.title) has the flags \(record.flags)."))
    }
    guard record.root != PageFormat.noPage else {
      compare(tree)
      return
    }
    try walk(record.root, depth: 1, Bounds(), &tree)
    guard !tree.isCut else { return }
    compare(tree)
    if let (page, depth) = tree.misplacedLeaf {
      report(
        finding(
          .record,
          tree,
          page: page,
          "The record of \(tree.title) says that it is \(record.depth) levels deep, and page \(page) is a leaf on level \(depth)."
        )
      )
    }
  }

  private func compare(_ tree: Tree) {
    var counts = [
      ("branch pages", tree.record.branchPages, tree.branchPages),
      ("leaf pages", tree.record.leafPages, tree.leafPages),
      ("overflow pages", tree.record.overflowPages, tree.overflowPages),
    ]
    // Of a database with duplicates each value is an entry.
    if !tree.hasDuplicates, tree.kind != .duplicates { counts.append(("entries", tree.record.entries, tree.entries)) }
    for (what, said, counted) in counts where said != counted {
      report(finding(.record, tree, "The record of \(tree.title) says \(said) \(what), and it has \(counted)."))
    }
    if tree.record.root == PageFormat.noPage, tree.record.depth != 0 {
      report(finding(.record, tree, "The record of \(tree.title) says \(tree.record.depth) levels, and it is empty."))
    }
  }

  private func finding(
    _ kind: FileFinding.Kind,
    _ tree: Tree,
    page: UInt64? = nil,
    key: ArraySlice<UInt8>? = nil,
    _ message: String
  ) -> FileFinding {
    FileFinding(kind, page: page, database: tree.name, key: key.map(Array.init), message)
  }

  // MARK: A page

  private func walk(_ number: UInt64, depth: Int, _ bounds: Bounds, _ tree: inout Tree) throws {
    var page = idlePages.popLast() ?? PageBytes(count: file.pageSize)
    defer { idlePages.append(page) }
    do throws(FileFinding) {
      try read(number, depth, into: &page, tree)
    } catch {
      tree.isCut = true
      var finding = error
      finding.database = tree.name
      report(finding)
      return
    }
    try reportProgress()
    if page.flags == PageFormat.Page.branch {
      try walkChildren(of: page, depth, bounds, &tree)
    } else {
      try walkEntries(of: page, depth, bounds, &tree)
    }
  }

  /// Reads a page of a tree, and looks whether it is one.
  private func read(_ number: UInt64, _ depth: Int, into page: inout PageBytes, _ tree: Tree) throws(FileFinding) {
    try reach(number, as: "a page of \(tree.title)")
    do throws(LMDBError) {
      try file.read(number, into: &page)
    } catch {
      throw FileFinding(.unreadable, page: number, "Page \(number), of \(tree.title), cannot be read: \(error.code).")
    }
    let isFixed = tree.kind == .duplicates && page.flags & PageFormat.Page.fixedSizeKeys != 0
    let mayHaveGaps = tree.hasDuplicates || tree.kind == .duplicates
    let fault =
      isFixed && page.number == number ? nil : layout.fault(in: page, number: number, mayHaveGaps: mayHaveGaps)
    if let fault { throw FileFinding(.page, page: number, "Page \(number), of \(tree.title), is damaged. \(fault)") }
    let isBranch = page.flags == PageFormat.Page.branch
    // LMDB lets the list of free pages have a branch page with a single child.
    let fewest = isBranch && tree.kind != .freeList ? 2 : 1
    guard isFixed || page.nodeCount >= fewest else {
      throw FileFinding(.page, page: number, "Page \(number), of \(tree.title), has \(page.nodeCount) entries.")
    }
    guard !isBranch || depth < PageFormat.deepest else {
      throw FileFinding(.page, page: number, "Page \(number), of \(tree.title), lies deeper than LMDB can go.")
    }
  }

  private func walkChildren(of page: PageBytes, _ depth: Int, _ bounds: Bounds, _ tree: inout Tree) throws {
    tree.branchPages += 1
    let count = page.nodeCount
    if depth + 1 == Int(tree.record.depth) { file.willNeed((0..<count).lazy.map { page.node($0).child }) }
    // The first key of a branch page stands for everything before the second.
    checkOrder(of: page, from: 1, bounds, tree)
    for index in 0..<count {
      let lower = index == 0 ? bounds.lower : Array(page.key(page.node(index)))
      let upper = index + 1 == count ? bounds.upper : Array(page.key(page.node(index + 1)))
      try walk(page.node(index).child, depth: depth + 1, Bounds(lower: lower, upper: upper), &tree)
    }
  }

  private func walkEntries(of page: PageBytes, _ depth: Int, _ bounds: Bounds, _ tree: inout Tree) throws {
    tree.leafPages += 1
    if depth != Int(tree.record.depth), tree.misplacedLeaf == nil { tree.misplacedLeaf = (page.number, depth) }
    // Pages with keys of one size have no nodes, and values of one key no order that could be known here.
    guard tree.kind != .duplicates else { return }
    checkOrder(of: page, from: 0, bounds, tree)
    for index in 0..<page.nodeCount {
      tree.entries += 1
      do {
        try checkEntry(page.node(index), in: page, &tree)
      } catch let error as FileFinding {
        tree.isCut = true
        var finding = error
        finding.database = tree.name
        report(finding)
      }
    }
  }

  /// Looks whether the keys ascend, from one node on, and lie between those that lead to the page.
  private func checkOrder(of page: PageBytes, from first: Int, _ bounds: Bounds, _ tree: Tree) {
    guard tree.kind != .duplicates, first < page.nodeCount else { return }
    var previous = bounds.lower.map { $0[...] }
    // The key that leads to a page may be in it; all others differ.
    var mayBeEqual = first == 0
    for index in first..<page.nodeCount {
      let node = page.node(index)
      let key = page.key(node)
      let isLong = tree.kind != .freeList && !(1...PageFormat.longestKey).contains(key.count)
      if isLong || (tree.kind == .freeList && key.count != 8) {
        report(
          finding(
            .page,
            tree,
            page: page.number,
            "Page \(page.number), of \(tree.title), has a key of \(key.count) bytes."
          )
        )
        return
      }
      if let previous, mayBeEqual ? tree.order.precedes(key, previous) : !tree.order.precedes(previous, key) {
        return reportOrder(page, key, tree)
      }
      mayBeEqual = false
      previous = key
    }
    if let upper = bounds.upper, let previous, !tree.order.precedes(previous, upper[...]) {
      reportOrder(page, previous, tree)
    }
  }

  private func reportOrder(_ page: PageBytes, _ key: ArraySlice<UInt8>, _ tree: Tree) {
    let message = "Page \(page.number), of \(tree.title), has a key that is out of order, so that it cannot be found."
    report(finding(.order, tree, page: page.number, key: tree.kind == .freeList ? nil : key, message))
  }
}
