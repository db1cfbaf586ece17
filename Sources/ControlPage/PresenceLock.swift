internal import LMDBPlatform

/// A shared lock on the page's file, held as long as a process maps the page.
///
/// It tells a newcomer whether anybody uses the page, and is the only evidence of that which nobody can produce by
/// accident: the kernel keeps it, drops it when its holder dies, and shows it to whoever opens the same file, in whichever
/// container. A boot ID can be missing, masked or copied.
///
/// It belongs to the open file (`F_OFD_SETLK`), not to the process, so that nothing else which this process opens or
/// closes drops it. A forked child that does not `exec` shares it.
final class PresenceLock: Sendable {
  private let descriptor: Int32
  private let forkGeneration = ForkGuard.generation

  // <fcntl.h> shows these only to those who ask for extensions.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37

  /// Takes over the descriptor, and locks nothing yet.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Whether any other open file has the lock.
  func isHeldByOthers(_ path: String) throws(ControlPageError) -> Bool {
    var lock = Self.lock(F_WRLCK)
    guard unsafe fcntl(descriptor, Self.getLock, &lock) == 0 else {
      throw .system(code: errno, doing: "ask for the lock of \(path)")
    }
    return lock.l_type != Int16(F_UNLCK)
  }

  /// Never waits, since nobody takes it exclusively.
  func take(_ path: String) throws(ControlPageError) {
    var lock = Self.lock(F_RDLCK)
    guard unsafe fcntl(descriptor, Self.setLock, &lock) == 0 else {
      throw .system(code: errno, doing: "lock \(path)")
    }
  }

  /// Gives blocks to a part of the file, which is open here anyway: a full disk is an error now, and no SIGBUS later. 0, or
  /// what went wrong.
  func allocate(_ offset: Int, _ size: Int) -> Int32 {
    var code: Int32
    repeat { code = posix_fallocate(descriptor, off_t(offset), off_t(size)) } while code == EINTR
    return code
  }

  deinit {
    // A child that was forked has the descriptor too. To close it here would leave the lock to a child that has not yet
    // called `exec`; to unlock it there would take it from us.
    if ForkGuard.generation == forkGeneration {
      var lock = Self.lock(F_UNLCK)
      _ = unsafe fcntl(descriptor, Self.setLock, &lock)
    }
    _ = close(descriptor)
  }

  private static func lock(_ type: some BinaryInteger) -> flock {
    var lock = flock()
    lock.l_type = Int16(type)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }
}
