internal import LMDB
internal import Logging

/// Brings a store back after a power failure: the state of the last checkpoint, and the log on top of it.
///
/// It can be interrupted and begins again then: until the end the checkpoint's pages stay as they were.
struct Recovery {
  private let persistence: Persistence

  init(_ persistence: Persistence) {
    self.persistence = persistence
  }

  /// Puts the checkpoint's pages back, before LMDB opens the file.
  ///
  /// - Returns: false when the data file is not the one that the checkpoint was made of: somebody has replaced it.
  func restore(_ checkpoint: CheckpointRecord) throws(LMDBError) -> Bool {
    let data: DataFile
    do throws(LMDBError) {
      data = try DataFile(persistence.dataPath, writable: true)
    } catch {
      throw LMDBError(error.code, "recover \(persistence.dataPath) after a power failure, which needs writing")
    }
    guard let meta = DataFile.Meta(checkpoint.meta), let present = try data.newestMeta(),
      present.pageSize == meta.pageSize, present.transactionID >= meta.transactionID
    else { return false }
    let images = try CheckpointFile(persistence.checkpointPath, mode: persistence.options.fileMode, creates: false)
    try images.forEachImage(of: checkpoint) { (number, bytes) throws(LMDBError) in
      try data.write(bytes, page: number, size: checkpoint.pageSize)
    }
    try data.restore(meta)
    try data.sync()
    return true
  }

  /// Repeats what the log has after the checkpoint.
  func replay(_ checkpoint: CheckpointRecord, _ environment: Environment) throws(LMDBError) {
    guard checkpoint.redoCapacity > 0 else { return logRecovery(repeated: 0) }
    // As long as it is there LMDB uses no page of the checkpoint again.
    let pin = try environment.beginPin()
    defer { environment.endPin(pin) }
    var next = checkpoint.transactionID + 1
    try RedoLog.forEach(at: persistence.redoPath, from: checkpoint.redoStart, capacity: checkpoint.redoCapacity) {
      (record) throws(LMDBError) in
      // A gap would be a commit that was never in the log.
      guard record.transactionID == next else { return false }
      next += 1
      try repeatRecord(record, environment)
      return true
    }
    try environment.sync()
    logRecovery(repeated: next - checkpoint.transactionID - 1)
  }

  private func logRecovery(repeated: UInt64) {
    persistence.options.logger.notice(
      "The store was recovered after a power failure.",
      metadata: ["store": "\(persistence.directory)", "repeated": "\(repeated)"]
    )
  }

  private func repeatRecord(_ record: RedoRecord, _ environment: Environment) throws(LMDBError) {
    let writing = try environment.beginWrite()
    var databases: [UInt32] = []
    for name in record.databases {
      databases.append(try writing.createDatabase(name).number)
    }
    let raw = unsafe writing.raw
    unsafe try record.changes.span.bytes.withUnsafeBytes { (bytes) throws(LMDBError) in
      var reader = unsafe ChangeReader(bytes)
      while let change = unsafe reader.next() {
        guard unsafe change.database < databases.count else { throw Self.unreadable }
        let database = unsafe databases[change.database]
        switch unsafe change.kind {
        case .put: unsafe try raw.put(change.value, for: change.key, in: database)
        case .delete: _ = unsafe try raw.delete(change.key, in: database)
        case .empty: unsafe try raw.empty(database)
        }
      }
      guard unsafe reader.isAtEnd else { throw Self.unreadable }
    }
    unsafe try Head(revision: record.revision, generation: record.generation).write(raw)
    try writing.commit(.unsafeNone)
  }

  private static var unreadable: LMDBError { LMDBError(.corrupted, "repeat the redo log") }
}
