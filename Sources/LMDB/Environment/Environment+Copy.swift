internal import LMDBPlatform

extension Environment {
  /// Writes a consistent copy of the environment into a new file, while others read and write.
  ///
  /// ```swift
  /// try environment.copy(to: "/backup/store/data.mdb", compacting: true)
  /// ```
  ///
  /// The copy appears under its name complete and synced, or not at all. A read transaction is open during the copy,
  /// so that pages freed meanwhile are not used again.
  ///
  /// - Parameters:
  ///   - path: the new data file; its directory must exist, and the file must not.
  ///   - compacting: whether to leave free pages out. Slower for the processor, smaller for the disk.
  /// - Throws: ``LMDBError`` with `EEXIST` when there is a file already, and with what the file system refuses.
  ///
  /// LMDB: `mdb_env_copyfd2`.
  public func copy(to path: String, compacting: Bool = false) throws(LMDBError) {
    guard !isForked else { throw LMDBError(.forked, "copy to \(path)") }
    // A plain copy takes the write lock for two pages.
    guard !isWritingOnThisThread else { throw LMDBError(.nestedWrite, "copy to \(path)") }
    guard unsafe access(path, F_OK) != 0 else { throw LMDBError(.init(rawValue: EEXIST), "copy to \(path)") }
    // LMDB's copy begins a transaction of its own. This one meets a full reader table and a larger file before it does,
    // and keeps the map where it is meanwhile.
    let snapshot = try beginSnapshot()
    defer { _ = snapshot.id }
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = openFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(configuration.fileMode))
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "create \(temporary)") }
    do throws(LMDBError) {
      defer { _ = close(descriptor) }
      unsafe try Calls.copy(handle, to: descriptor, compacting: compacting)
      guard fsync(descriptor) == 0 else { throw LMDBError(.init(rawValue: errno), "sync \(temporary)") }
      // Unlike rename, link does not replace a file that appeared meanwhile.
      guard unsafe link(temporary, path) == 0 else { throw LMDBError(.init(rawValue: errno), "copy to \(path)") }
      let directory = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(Substring(path.utf8[...$0])) } ?? "."
      try syncDirectory(directory)
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    _ = unsafe unlink(temporary)
  }
}
