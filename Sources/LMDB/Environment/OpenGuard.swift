internal import LMDBPlatform

/// The file lock that every opening and closing of an environment holds, in all processes.
///
/// LMDB initialises its shared memory when the first process opens, and loses commits when that process dies in the
/// middle while a second one waits. So nobody opens while somebody else opens or closes.
struct OpenGuard: ~Copyable {
  private let descriptor: Int32

  /// Waits for the lock. An immutable environment, of which there is nothing to initialise, has none. The lock's file is
  /// created only if `creates` says so.
  init(
    _ layout: DirectoryLayout,
    _ configuration: Environment.Configuration,
    creates: Bool
  ) throws(LMDBError) {
    guard configuration.access != .immutable else {
      descriptor = -1
      return
    }
    while true {
      let flags = O_RDWR | O_CLOEXEC | (creates ? O_CREAT : 0)
      var descriptor = openBesideData(layout.guardFile, flags, mode_t(configuration.fileMode))
      if descriptor < 0, configuration.access == .readOnly {
        descriptor = openFile(layout.guardFile, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
          self.descriptor = -1
          return
        }
      }
      guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(layout.guardFile)") }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        descriptor = try LockWait.lock(
          descriptor,
          layout.guardFile,
          patience: configuration.openingPatience ?? configuration.patience
        )
      }
      if Self.isFile(layout.guardFile, descriptor) {
        LockHolder.sign(descriptor)
        self.descriptor = descriptor
        return
      }
      _ = close(descriptor)
    }
  }

  /// Whether the path still leads to the open file: the directory may have been removed or renamed during the wait.
  private static func isFile(_ path: String, _ descriptor: Int32) -> Bool {
    var opened = stat()
    var named = stat()
    return unsafe fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  /// For what takes long while this lock is held.
  var work: OpeningWork { OpeningWork(descriptor) }

  private static let mark: [UInt8] = Array("opened\n".utf8)

  /// Whether an environment was ever fully opened here: its data file is then never legitimately empty.
  var isMarked: Bool {
    var byte: UInt8 = 0
    // Where there is no mark, there may be zeros before the name of a holder.
    return unsafe descriptor >= 0 && pread(descriptor, &byte, 1, 0) == 1 && byte == Self.mark[0]
  }

  /// Notes that the environment exists. Failure is harmless: the mark only sharpens an error message.
  func mark() {
    guard descriptor >= 0, !isMarked else { return }
    _ = unsafe Self.mark.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    LockHolder.erase(descriptor)
    // A child that was forked meanwhile has the descriptor too, so that closing it here would not unlock.
    flock(descriptor, LOCK_UN)
    _ = close(descriptor)
  }
}
