internal import LMDB

/// What is asked before a store is opened that nobody writes, without locks and without anything that processes share.
enum ImmutableStore {
  /// Refuses a store whose last commits are not all in the data file: there is nobody who could recover it.
  static func check(_ path: String) throws(LMDBError) {
    guard let newest = try CheckpointFile.newest(at: path + "/checkpoint"), !newest.isClean else { return }
    throw LMDBError(.needsRecovery, "open \(path)")
  }
}

extension LMDBError.Code {
  /// The last commits of the store are in its log alone, and only who may write it can bring them into the data file.
  static let needsRecovery = Self(rawValue: -31_101)
}
