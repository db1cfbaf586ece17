/// What LMDB keeps of a named database in the main one: its shape and its root, under its name.
///
/// Read from there the figures of a database cost a look-up, and no handle, of which a process has only so many.
enum DatabaseRecord {
  /// `MDB_db`: padding (4), flags (2), depth (2), then branch, leaf and overflow pages, entries and the root (8 each).
  static let size = 48

  static func statistics(_ record: UnsafeRawBufferPointer, pageSize: Int) -> Database.Statistics? {
    guard record.count == size else { return nil }
    func number(_ offset: Int) -> Int { unsafe record.loadUnaligned(fromByteOffset: offset, as: Int.self) }
    return Database.Statistics(
      entries: number(32),
      depth: unsafe Int(record.loadUnaligned(fromByteOffset: 6, as: UInt16.self)),
      branchPages: number(8),
      leafPages: number(16),
      overflowPages: number(24),
      pageSize: pageSize
    )
  }
}

extension RawTransaction {
  /// The statistics of a named database, as its last commit left them. Nil when there is none of that name.
  ///
  /// Not for write transactions, which write the records of what they changed only when they commit.
  package func committedStatistics(of name: String) throws(LMDBError) -> Database.Statistics? {
    let pageSize = unsafe try statistics(Self.mainDatabase).pageSize
    return unsafe try name.withPointer { (name) throws(LMDBError) in
      guard let record = unsafe try get(name, in: Self.mainDatabase) else { return nil }
      return unsafe DatabaseRecord.statistics(record, pageSize: pageSize)
    }
  }

  private static var mainDatabase: UInt32 { 1 }
}
