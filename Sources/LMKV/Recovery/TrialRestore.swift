internal import LMDB
internal import LMDBPlatform

/// Restores a checkpoint in a copy of the data file that nobody else sees, and looks whether the state is whole.
struct TrialRestore {
  private let record: CheckpointRecord
  private let paths: StorePaths

  init(_ record: CheckpointRecord, _ paths: StorePaths) {
    self.record = record
    self.paths = paths
  }

  /// Removes what a process has left that was killed between making the copy and taking its name. One that is in use goes on
  /// without its name.
  static func removeStray(_ paths: StorePaths) {
    _ = unsafe unlink(paths.trial)
  }

  /// What is wrong with the state. Nil when nothing is.
  func damage() throws -> String? {
    guard let meta = DataFile.Meta(copy: record.meta), meta.pageSize == record.pageSize else {
      return "its record cannot be read"
    }
    let file = try StoreFile.unnamed(paths.trial)
    try StoreFile(paths.data, O_RDONLY).copy(to: file)
    let data = DataFile(file)
    try CheckpointFile.forEachImage(of: record, at: paths.checkpoint) { (_, number, bytes) throws(LMDBError) in
      try data.write(bytes, page: number, size: record.pageSize)
    }
    try data.restore(meta)
    let report = try StateLook(path: paths.directory).report(file)
    // A revision that is newer than the state, for example, shows that its page was used again.
    let kinds: [CheckReport.Kind] = [.lost, .catalog]
    return report.findings.first { !kinds.contains($0.kind) }?.message
  }
}
