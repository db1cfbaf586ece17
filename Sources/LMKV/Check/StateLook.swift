internal import LMDB

/// Looks at one state of a data file: its pages, and what LMKV has in them.
struct StateLook {
  let path: String

  static func newest(_ file: StoreFile) throws(LMDBError) -> MetaPage? {
    try FileCheck.metaPages(file.descriptor, file.path).compactMap(\.self).filter(\.isPlausible)
      .max { $0.transactionID < $1.transactionID }
  }

  /// At the newest state of a file that nobody writes.
  func report(_ file: StoreFile) throws -> CheckReport {
    try report(file, try Self.newest(file)) { _ in }
  }

  func report(
    _ file: StoreFile,
    _ meta: MetaPage?,
    _ progress: (CheckProgress) throws -> Void
  ) throws -> CheckReport {
    var pages = CheckReport.Section("pages")
    let store = StoreCheck(file, meta)
    let figures = try withoutActuallyEscaping(progress) { progress in
      unsafe try FileCheck.run(
        file.descriptor,
        file.path,
        meta: meta,
        FileCheck.Handlers(
          finding: { pages.add(store.finding($0)) },
          entry: { unsafe store.look(at: $1, $2, in: $0, page: $3) },
          progress: { try progress(CheckProgress(pages: $0, total: $1)) }
        )
      )
    }
    var report = CheckReport(path: path)
    report.transactionID = figures.transactionID
    report.pageSize = figures.pageSize
    report.pages = figures.pages
    report.freePages = figures.freePages
    if meta != nil { store.finish(figures.databases) }
    report.uuid = store.uuid
    report.revision = store.head?.revision
    report.entries = store.entries
    report.sections = [pages, store.section]
    return report
  }
}
