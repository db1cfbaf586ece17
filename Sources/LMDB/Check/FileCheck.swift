internal import LMDBPlatform

/// Looks at every page of a data file, past LMDB, for one of the two states that its meta pages name.
///
/// Everything is read with `pread`, and nothing that is read is trusted: damage is a ``FileFinding``, never a crash.
/// Each page up to the last one must be used exactly once or be free exactly once; the keys of each tree must ascend,
/// also from page to page; and the record of each database must agree with its tree. What is below a damaged page is not
/// looked at, so one fault can hide others.
///
/// The pages of the state must not be used again meanwhile: nobody may commit twice, or a snapshot must hold them.
///
/// Memory: a bit for each page, a page for each level of the trees, and the largest value.
package final class FileCheck {
  /// What to do with what is found on the way.
  @safe package struct Handlers {
    /// Each finding, as it is found.
    package var finding: (FileFinding) -> Void
    /// Each entry of the main and the named databases (nil: the main one), with its page; not those that are databases.
    package var entry:
      (_ database: [UInt8]?, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ page: UInt64) throws ->
        Void
    /// How many pages are done, of how many. What it throws ends the check.
    package var progress: (_ done: UInt64, _ of: UInt64) throws -> Void

    package init(
      finding: @escaping (FileFinding) -> Void,
      entry:
        @escaping (
          _ database: [UInt8]?, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ page: UInt64
        ) throws -> Void = { _, _, _, _ in },
      progress: @escaping (_ done: UInt64, _ of: UInt64) throws -> Void = { _, _ in }
    ) {
      self.finding = finding
      unsafe self.entry = unsafe entry
      self.progress = progress
    }
  }

  /// What the file has.
  package struct Figures: Sendable {
    package internal(set) var transactionID: UInt64 = 0
    package internal(set) var pageSize = 0
    package internal(set) var pages: UInt64 = 0
    package internal(set) var freePages: UInt64 = 0
    /// The named databases in the order of their names.
    package internal(set) var databases: [(name: [UInt8], record: TreeRecord)] = []

    package init() {}
  }

  let file: PageFile
  let meta: MetaPage
  let handlers: Handlers
  /// How many whole pages the file has.
  let present: UInt64
  var figures = Figures()
  var reached: PageSet
  var layout: PageLayout
  /// Pages that are not in use, for the levels of a tree.
  var idlePages: [PageBytes] = []
  var hasFindings = false
  private var reported: UInt64 = 0

  private init(_ file: PageFile, _ meta: MetaPage, present: UInt64, _ handlers: Handlers) {
    self.file = file
    self.meta = meta
    self.handlers = handlers
    self.present = present
    reached = PageSet(limit: meta.lastPage + 1)
    layout = PageLayout(pageSize: file.pageSize)
  }

  /// The two meta pages of a data file as they are at one moment; nil for one that is none.
  package static func metaPages(_ descriptor: Int32, _ path: String) throws(LMDBError) -> [MetaPage?] {
    try MetaPage.settled(descriptor, path)
  }

  /// Checks the state of `meta`, which need not be in the file any more, or the newest one; and the file's two meta
  /// pages.
  ///
  /// - Parameter path: what errors call the file.
  /// - Throws: what the handlers throw, and ``LMDBError`` where not even the meta pages can be read.
  package static func run(
    _ descriptor: Int32,
    _ path: String,
    meta: MetaPage? = nil,
    _ handlers: Handlers
  ) throws -> Figures {
    let metas = try MetaPage.settled(descriptor, path)
    // After the header, since a writer makes the file longer before it says so there.
    let size = try PageFile.size(descriptor, path)
    let isHeaderSound = checkHeader(metas, size, handlers)
    let newest = metas.compactMap(\.self).max { $0.transactionID < $1.transactionID }
    guard let meta = meta ?? newest else { return Figures() }
    let present = UInt64(size / meta.pageSize)
    // Pages behind the file's end are free and so in the list of those, which takes eight bytes for each.
    guard meta.lastPage < present + UInt64(size / 8) else {
      handlers.finding(
        FileFinding(
          .truncated,
          page: UInt64(meta.slot),
          "The file has \(present) pages, and its meta page says that the last one is \(meta.lastPage)."
        )
      )
      return Figures()
    }
    let file = PageFile(descriptor: descriptor, path: path, pageSize: meta.pageSize)
    let check = FileCheck(file, meta, present: present, handlers)
    check.hasFindings = !isHeaderSound
    return try check.run()
  }

  private static func checkHeader(_ metas: [MetaPage?], _ size: Int, _ handlers: Handlers) -> Bool {
    var isSound = true
    func report(_ slot: Int, _ message: String) {
      isSound = false
      handlers.finding(FileFinding(.header, page: UInt64(slot), message))
    }
    for (slot, meta) in metas.enumerated() {
      guard let meta else {
        report(slot, size == 0 ? "The file is empty." : "Page \(slot) is not a meta page of LMDB 0.9.")
        continue
      }
      if let fault = meta.fault { report(slot, "The meta page \(slot) is damaged. \(fault)") }
    }
    guard let first = metas[0], let second = metas[1] else { return false }
    if first.pageSize != second.pageSize {
      report(1, "The meta pages have different page sizes, \(first.pageSize) and \(second.pageSize).")
    }
    let (low, high) = (
      min(first.transactionID, second.transactionID), max(first.transactionID, second.transactionID)
    )
    // A file without a commit has two of the transaction 0.
    if high - low > 1 || (high == low && high != 0) {
      let older = first.transactionID < second.transactionID ? 0 : 1
      report(older, "The meta pages are of the transactions \(low) and \(high).")
    }
    return isSound
  }

  private func run() throws -> Figures {
    figures.transactionID = meta.transactionID
    figures.pageSize = file.pageSize
    figures.pages = meta.lastPage + 1
    for page in 0..<min(2, figures.pages) { _ = reached.insert(page) }
    try checkTree(.freeList, meta.freeList)
    try checkTree(.main, meta.main)
    reportLost()
    try handlers.progress(figures.pages, figures.pages)
    return figures
  }

  private func reportLost() {
    let lost = figures.pages - reached.count
    guard lost > 0 else { return }
    let hint = hasFindings ? " Those below a damaged page are among them." : ""
    let shown = reached.gaps(below: figures.pages, atMost: 5)
    let runs = shown.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
    let isAll = shown.reduce(0) { $0 + UInt64($1.count) } == lost
    report(
      FileFinding(
        .lost,
        page: shown.first?.lowerBound,
        "\(lost) of \(figures.pages) pages are neither used nor free: \(runs.joined(separator: ", "))"
          + "\(isAll ? "" : " …").\(hint)"
      )
    )
  }

  func report(_ finding: FileFinding) {
    hasFindings = true
    handlers.finding(finding)
  }

  /// Notes that pages are used, or free. Throws where they are already, or cannot be.
  func reach(_ first: UInt64, count: UInt64 = 1, as what: String, isFree: Bool = false) throws(FileFinding) {
    guard first >= PageFormat.firstTreePage, first <= meta.lastPage, count <= meta.lastPage - first + 1 else {
      let message = "Page \(first), \(what), is not between 2 and the last page, \(meta.lastPage)."
      throw FileFinding(.page, page: first, message)
    }
    // LMDB may give out a page's number at the end of the file and take it back without writing the page.
    guard isFree || first + count <= present else {
      throw FileFinding(.truncated, page: first, "The file ends before page \(first), \(what).")
    }
    for page in first..<first + count where !reached.insert(page) {
      throw FileFinding(.usedTwice, page: page, "Page \(page) is used twice, or used and free; now as \(what).")
    }
  }

  /// Says how far it is, now and then.
  func reportProgress() throws {
    guard reached.count >= reported + 256 else { return }
    reported = reached.count
    try handlers.progress(reached.count, figures.pages)
  }
}
