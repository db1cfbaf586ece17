internal import LMDB

/// What is asked before a store is opened that nobody writes, without locks and without anything that processes share.
enum ImmutableStore {
  /// Refuses a store whose last commits are not all in the data file: there is nobody who could recover it.
  static func check(_ path: String) throws(LMDBError) {
    switch try Evidence(StorePaths(directory: path)).verdict {
    case .clean: return
    case .inDoubt(let doubt): throw LMDBError(.inDoubt, "open \(path): \(doubt.sentence)")
    case .replay, .replayVersion1, .adopt: throw LMDBError(.needsRecovery, "open \(path)")
    }
  }
}

extension LMDBError.Code {
  /// The last commits of the store are in its log alone, and only who may write it can bring them into the data file.
  static let needsRecovery = Self(rawValue: -31_101)
}
