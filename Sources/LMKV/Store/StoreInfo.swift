public import Foundation
internal import LMDB

/// The figures of a store as a whole.
public struct StoreInfo: Hashable, Sendable {
  /// A slot of the reader table: an open snapshot, or an idle one that is kept for the next and pins nothing.
  public struct Reader: Hashable, Sendable {
    public let processID: Int32
    /// The ID of LMDB's transaction whose state it sees, at least; pages freed since then cannot be used again. Nil
    /// while it is idle.
    public let transactionID: UInt64?
  }

  /// The directory.
  public let path: String
  /// The identity of the store.
  public let uuid: UUID
  /// The version of LMKV's format in the file.
  public let format: Int
  /// The revision of the latest commit.
  public let revision: UInt64
  /// The version of LMDB in this process, such as "0.9.24".
  public let engineVersion: String
  /// The version of LMDB's format in the file.
  public let engineFormat: Int
  /// The length of the data file, in bytes.
  public let fileSize: Int
  /// The bytes that the data file occupies on the disk.
  public let allocatedSize: Int
  /// Bytes in a page.
  public let pageSize: Int
  /// Pages that hold something.
  public let usedPages: Int
  /// Pages that were freed and that later transactions will use, as far as no reader sees them any more.
  public let freePages: Int
  /// The size of this process's map, in bytes, which limits the file.
  public let mapSize: Int
  /// How many scopes there are.
  public let scopes: Int
  /// How many entries all scopes have together, those included that have expired but were not swept yet.
  public let entries: Int
  /// How many snapshots can be open at once, in all processes.
  public let maxReaders: Int
  /// The reader table, over all processes, this one included, but for the snapshot that guards a checkpoint.
  public let readers: [Reader]
}

extension Store {
  /// The figures of the store: what it is, how large, and who reads it.
  ///
  /// ```swift
  /// let info = try store.info()
  /// print(info.entries, "entries in", info.fileSize, "bytes")
  /// ```
  ///
  /// Never waits for writers. The figures of the file are of this moment and may be newer than the rest. Costs a look-up
  /// for each scope and a walk over the list of free pages.
  ///
  /// - Throws: ``LMKVError`` with `closed`, `corrupted`, `inputOutput`.
  ///
  /// LMDB: `mdb_env_info`, `mdb_stat`, `mdb_reader_list`.
  public func info() throws -> StoreInfo {
    try translatingErrors {
      let environment = try environment()
      let (revision, scopes) = try read { ($0.revision, try $0.scopeInfos()) }
      let freePages = try environment.freePageCount()
      let engine = try environment.info()
      let file = try environment.fileUsage()
      let (readers, pin) = try environment.readersAndPin()
      return StoreInfo(
        path: path,
        uuid: uuid,
        format: unsafe Metadata.format,
        revision: revision,
        engineVersion: Environment.engineVersion,
        engineFormat: Environment.fileFormat,
        fileSize: file.size,
        allocatedSize: file.allocatedSize,
        pageSize: engine.pageSize,
        usedPages: max(0, engine.lastPage + 1 - freePages),
        freePages: freePages,
        mapSize: engine.mapSize,
        scopes: scopes.count,
        entries: scopes.reduce(0) { $0 + $1.entries },
        maxReaders: engine.maxReaders,
        readers: readers.indices.filter { $0 != pin }.map {
          .init(processID: readers[$0].processID, transactionID: readers[$0].transactionID)
        }
      )
    }
  }
}
