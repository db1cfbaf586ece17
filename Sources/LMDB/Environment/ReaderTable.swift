internal import LMDBPlatform
internal import Synchronization

extension Environment {
  /// One slot of the reader table: a read transaction, or an idle one that pins nothing.
  public struct Reader: Hashable, Sendable {
    public let processID: Int32
    /// The ID of the transaction whose state it sees, at least. Nil while it is idle.
    public let transactionID: UInt64?
  }

  /// The reader table of the environment, over all processes.
  ///
  /// LMDB: `mdb_reader_list`.
  public func readers() throws(LMDBError) -> [Reader] {
    unsafe try Calls.readerLines(handle).compactMap(ReaderTable.parse)
  }

  /// Frees the slots of processes that died in the middle of reading, and so the pages that they pinned.
  ///
  /// - Returns: how many slots were freed.
  ///
  /// LMDB: `mdb_reader_check`.
  @discardableResult
  public func sweepDeadReaders() throws(LMDBError) -> Int {
    guard !isForked else { throw LMDBError(.forked, "sweep dead readers") }
    let own = staleSlots.withLock { slots in
      defer { slots = [] }
      return slots
    }
    for slot in own { readerSlots?.free(slot, of: getpid()) }
    return unsafe try Calls.sweepReaders(handle) + own.count
  }
}

enum ReaderTable {
  /// A line of `mdb_reader_list`: process ID, thread in hexadecimal, transaction ID or "-". The heading gives nil.
  static func parse(_ line: String) -> Environment.Reader? {
    let fields = line.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map(Substring.init)
    guard fields.count == 3, let processID = Int32(fields[0]) else { return nil }
    return Environment.Reader(processID: processID, transactionID: UInt64(fields[2]))
  }
}
