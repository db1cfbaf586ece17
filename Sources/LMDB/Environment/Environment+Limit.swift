// A limit of the file's size that does not limit the map: so processes with different limits read one another's files, and
// removing works in a full environment.
extension Environment {
  /// What a commit may add by itself, when its body has ended: LMDB's list of free pages.
  private static let commitPages: UInt64 = 8

  /// How many pages the bodies of transactions may fill, of so many bytes.
  static func pages(_ size: Int, of pageSize: Int) -> UInt64 {
    let pages = UInt64(max(size, 0) / pageSize)
    return pages > 2 * commitPages ? pages - commitPages : pages
  }

  /// Whether a limit is there to be asked for.
  @inline(__always)
  package var hasLimit: Bool { pageLimit != nil }

  /// How large the file may be in this process, in bytes: the limit, or what is mapped.
  package var room: Int { min(configuration.maxSize ?? .max, mapBytes) }

  /// Whether a write transaction has made the file larger, and larger than ``Configuration/maxSize``. One that finds a
  /// larger file, and only uses its free pages, has not.
  ///
  /// LMDB uses a freed page again when nobody can see it any more, at the earliest in the second transaction after. So that
  /// something can be put in again after a removal, pages that are free do not count, up to an eighth of the limit.
  package func isOverLimit(_ transaction: RawTransaction) throws(LMDBError) -> Bool {
    guard let pageLimit else { return false }
    let committed = lastPage + 1
    guard let pages = unsafe transaction.pageCount(from: committed) else { return committed > pageLimit }
    guard pages > max(pageLimit, committed) else { return false }
    guard pages <= pageLimit + pageLimit / 8 else { return true }
    return try pages > pageLimit + UInt64(freePageCount())
  }
}
