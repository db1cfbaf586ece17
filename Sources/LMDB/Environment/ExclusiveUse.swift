internal import LMDBPlatform

/// The lock by which an LMDB program knows that no other one has an environment open, taken before LMDB takes it.
///
/// It is a lock of the process (POSIX): LMDB, which takes the same one when this process opens the environment, gets it at
/// once, and so finds itself alone, without a moment in between. Closing any descriptor of the file drops it; LMDB does
/// so when it closes the environment.
package final class ExclusiveUse {
  private let descriptor: Int32

  /// Nil while another program, of whatever kind, has the environment open. To be called while this process has not.
  package init?(directory: String) throws(LMDBError) {
    let path = DirectoryLayout(directory: directory).lockFile
    descriptor = openFile(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      // Whoever has it open has made the file.
      if errno == ENOENT { return }
      throw LMDBError(.init(rawValue: errno), "open \(path)")
    }
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_len = 1
    guard unsafe fcntl(descriptor, F_SETLK, &lock) == 0 else {
      let code = errno
      _ = close(descriptor)
      if code == EAGAIN || code == EACCES { return nil }
      throw LMDBError(.init(rawValue: code), "lock \(path)")
    }
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
  }
}
