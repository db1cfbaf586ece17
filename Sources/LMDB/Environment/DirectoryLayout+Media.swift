internal import LMDBPlatform

/// Media on which LMDB would read without being protected from those who write.
///
/// A reader keeps the pages that it reads from being used again by a slot in `lock.mdb`. Where it cannot write that file
/// LMDB reads all the same on a read-only file system, and sees wrong data as soon as somebody writes by another mount.
extension DirectoryLayout {
  /// Refuses a read-only file system. Only an immutable environment can be opened there.
  func checkIsWritable(_ configuration: Environment.Configuration) throws(LMDBError) {
    guard configuration.access != .immutable else { return }
    // Both may lie on mounts of their own. What else forbids writing is told when the files are opened.
    for path in [lockFile, directory] where unsafe access(path, W_OK) != 0 && errno == EROFS {
      throw LMDBError(.readOnlyFileSystem, "open \(directory)")
    }
    #if os(Linux)
      if unsafe Calls.fileSystemType(directory) == Self.overlay { try copyUp() }
    #endif
  }

  #if os(Linux)
    /// The magic number of overlayfs.
    private static let overlay: UInt32 = 0x794C_7630

    /// Makes sure that the data file is the one that a writer changes.
    ///
    /// On overlayfs a file of the lower layer is copied to the upper one when somebody opens it for writing. Who has opened
    /// it for reading before keeps the old one, beside the lock file of the new one.
    private func copyUp() throws(LMDBError) {
      let descriptor = openFile(dataFile, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if descriptor >= 0 {
        _ = close(descriptor)
        return
      }
      switch errno {
      case EROFS: throw LMDBError(.readOnlyFileSystem, "open \(directory)")
      case EACCES, EPERM, ENOSPC, EDQUOT, ETXTBSY:
        throw LMDBError(.init(rawValue: errno), "open \(dataFile) for writing, which overlayfs needs of readers too")
      // There is none, or none that could be one: that is told when it is opened.
      default: return
      }
    }
  #endif
}
