internal import LMDB
internal import LMDBPlatform

/// Keeps the files of a store as they are before a choice is carried out: in the directory `before-recovery`, which is a store
/// in the same state.
struct CopyAside {
  private let paths: StorePaths

  init(_ paths: StorePaths) {
    self.paths = paths
  }

  /// - Returns: the directory.
  func make() throws -> String {
    guard unsafe access(paths.aside, F_OK) != 0 else {
      throw LMKVError(
        .storeExists,
        "There is a copy of an earlier recovery in \(paths.aside), which is not replaced. Nothing was changed. Move or "
          + "delete it, or recover without a copy (lmkv recover --no-copy)."
      )
    }
    let part = paths.aside + ".part"
    do throws(LMDBError) {
      // What a recovery left that was killed in the middle of this.
      try EnvironmentFiles.removeTrash(part)
      try fill(part)
    } catch {
      guard error.isWantOfRoom else { throw error }
      try EnvironmentFiles.removeTrash(part)
      throw LMKVError(
        .diskFull,
        "There is no room on the disk for a copy of the files of \(paths.directory) (\(error)). Nothing was changed. Make "
          + "room, or recover without a copy (lmkv recover --no-copy).",
        cause: error
      )
    }
    guard unsafe rename(part, paths.aside) == 0 else { throw LMDBError(.init(rawValue: errno), "rename \(part)") }
    try syncDirectory(paths.directory)
    return paths.aside
  }

  private func fill(_ part: String) throws(LMDBError) {
    guard unsafe mkdir(part, 0o700) == 0 else {
      throw LMDBError(.init(rawValue: errno), "create \(part)")
    }
    let folder = try StoreFile(part, O_RDONLY | O_DIRECTORY)
    FileOwnership(of: paths.directory)?.give(to: folder.descriptor)
    for path in [paths.data, paths.checkpoint, paths.redo] where unsafe access(path, F_OK) == 0 {
      let file = try StoreFile(path, O_RDONLY)
      let name = path.dropFirst(paths.directory.utf8.count + 1)
      let copy = try StoreFile("\(part)/\(name)", O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
      FileOwnership(of: path)?.give(to: copy.descriptor)
      try file.copy(to: copy)
      try copy.sync()
    }
    try folder.syncWhole()
  }
}
