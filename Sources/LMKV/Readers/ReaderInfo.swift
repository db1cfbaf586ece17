internal import LMDB

/// A slot of the reader table: an open snapshot of some process, or an idle slot that is kept for the next one.
public struct ReaderInfo: Hashable, Sendable {
  public let processID: Int32
  /// The name of the program. Nil where the system does not tell.
  public let program: String?
  /// Whether the process lives. What a dead one left behind goes when somebody writes.
  public let isAlive: Bool
  /// LMDB's ID of the transaction whose state it sees, at least. Nil while it is idle: then it keeps no pages.
  public let transactionID: UInt64?
  /// How long it has been open. Known for the oldest snapshot of each process that uses LMKV, exact to some milliseconds.
  public let age: Duration?
  /// How many free pages it keeps from being used again, alone or together with others.
  public let pinnedPages: Int
  /// Whether it is no snapshot of the program but one of the store's own, which protects the pages of a checkpoint until
  /// the next one.
  public let isCheckpoint: Bool
}

extension Store {
  /// Who reads the store, over all processes, this one included: first those that keep the most pages.
  ///
  /// ```swift
  /// for reader in try store.readers() where reader.age ?? .zero > .seconds(60) {
  ///   print(reader.program ?? "?", reader.processID, reader.pinnedPages)
  /// }
  /// ```
  ///
  /// A snapshot keeps the pages that are freed after it began from being used again, so that the file grows. Never waits
  /// for writers. Costs a walk over the list of free pages.
  ///
  /// - Throws: ``LMKVError`` with `closed`, `corrupted`, `inputOutput`.
  ///
  /// LMDB: `mdb_reader_list`.
  public func readers() throws -> [ReaderInfo] {
    try translatingErrors {
      let environment = try environment()
      return try ReaderReport(environment).readers()
    }
  }
}
