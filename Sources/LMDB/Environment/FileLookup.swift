internal import LMDBPlatform

/// Looks keys up in a data file with plain reads: nothing is opened by LMDB, locked, mapped or created.
///
/// All values come from one commit. No reader's slot protects its pages, but LMDB does not use a page again before the
/// second commit after the one that freed it; so what was read is right if at most one commit has happened meanwhile,
/// and is read again otherwise. The commit may be one that is just being made durable, which readers do not see yet.
struct FileLookup {
  private static let attempts = 1_000

  private let file: PageFile

  /// The values of keys, nil for absent ones. A nil database is the main one.
  static func values(
    of keys: [(database: String?, key: [UInt8])],
    inFile path: String
  ) throws(LMDBError) -> [[UInt8]?] {
    guard try FileHeader.check(path, mustExist: false) else {
      throw LMDBError(.init(rawValue: ENOENT), "open \(path)")
    }
    let descriptor = try PageFile.open(path)
    defer { _ = close(descriptor) }
    let first = try PageFile.bytes(descriptor, path, at: 0, count: PageFormat.metaSize)
    guard let meta = MetaPage(first, slot: 0) else { throw LMDBError(.corrupted, "read \(path)") }
    let file = PageFile(descriptor: descriptor, path: path, pageSize: meta.pageSize)
    return try FileLookup(file: file).values(of: keys)
  }

  private func values(of keys: [(database: String?, key: [UInt8])]) throws(LMDBError) -> [[UInt8]?] {
    var attempt = 0
    while true {
      let before = try metas()
      let result: Result<[[UInt8]?], LMDBError>
      do throws(LMDBError) {
        var values: [[UInt8]?] = []
        let trees = TreeLookup(file: file, main: before.newest.main)
        for (database, key) in keys { values.append(try trees.value(of: key, in: database)) }
        result = .success(values)
      } catch {
        result = .failure(error)
      }
      let after = try metas()
      let isUntouched =
        after.newest == before.newest
        || (after.newest.transactionID == before.newest.transactionID + 1 && after.other == before.newest)
      if isUntouched { return try result.get() }
      attempt += 1
      guard attempt < Self.attempts else { throw LMDBError(.init(rawValue: EBUSY), "read \(file.path)") }
    }
  }

  private func metas() throws(LMDBError) -> (newest: MetaPage, other: MetaPage) {
    let metas = try MetaPage.both(file.descriptor, file.path)
    guard let first = metas[0], let second = metas[1] else { throw LMDBError(.corrupted, "read \(file.path)") }
    return first.transactionID >= second.transactionID ? (first, second) : (second, first)
  }
}
