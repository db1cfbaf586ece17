internal import CFutex
internal import LMDBPlatform
internal import Synchronization

/// A shared lock on the page's file, held as long as a process maps the page.
///
/// It tells a newcomer whether anybody uses the page, and is the only evidence of that which nobody can produce by
/// accident: the kernel keeps it, drops it when its holder dies, and shows it to whoever opens the same file, in whichever
/// container. A boot ID can be missing, masked or copied.
///
/// It belongs to the open file (`F_OFD_SETLK`), not to the process, so that nothing else which this process opens or
/// closes drops it. On file systems where mapped memory keeps the file open, which it is mapped by, that memory is what has
/// the lock, and no descriptor is needed as long as it is held. A forked child does not get that memory; one that does not
/// `exec`, and was forked in the moment between opening and mapping, has the lock as long as it lives.
final class PresenceLock: Sendable {
  private enum Holder {
    case descriptor(Int32)
    case memory(UInt)
  }

  private let holder: Mutex<Holder>
  private let path: String
  private let inode: UInt64
  private let forkGeneration = ForkGuard.generation

  // <fcntl.h> shows these only to those who ask for extensions.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37
  private static let memorySize = 4_096

  /// Takes over the descriptor, with which nothing else is mapped, and locks nothing yet.
  init(_ descriptor: Int32, _ path: String) {
    holder = Mutex(.descriptor(descriptor))
    self.path = path
    inode = Self.inode(descriptor)
  }

  /// Opens the file once more, for the lock alone.
  convenience init(opening path: String) throws(ControlPageError) {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(code: errno, doing: "open \(path)") }
    self.init(descriptor, path)
  }

  /// Whether any other open file has the lock. To be asked before it is taken.
  func isHeldByOthers(_ path: String) throws(ControlPageError) -> Bool {
    try holder.withLock { (holder) throws(ControlPageError) in
      guard case .descriptor(let descriptor) = holder else { return false }
      var lock = Self.lock(F_WRLCK)
      guard unsafe fcntl(descriptor, Self.getLock, &lock) == 0 else {
        throw .system(code: errno, doing: "ask for the lock of \(path)")
      }
      return lock.l_type != Int16(F_UNLCK)
    }
  }

  /// Never waits, since nobody takes it exclusively.
  func take(_ path: String) throws(ControlPageError) {
    try holder.withLock { (holder) throws(ControlPageError) in
      guard case .descriptor(let descriptor) = holder else { return }
      var lock = Self.lock(F_RDLCK)
      guard unsafe fcntl(descriptor, Self.setLock, &lock) == 0 else {
        throw .system(code: errno, doing: "lock \(path)")
      }
      guard let address = Self.map(descriptor) else { return }
      _ = close(descriptor)
      holder = .memory(address)
    }
  }

  /// Gives blocks to a part of the file: a full disk is an error now, and no SIGBUS later. 0, or what went wrong.
  func allocate(_ offset: Int, _ size: Int) -> Int32 {
    holder.withLock { holder in
      if case .descriptor(let descriptor) = holder { return Self.allocate(descriptor, offset, size) }
      // Memory has no descriptor. The path may lead to another file by now.
      let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { return errno }
      defer { _ = close(descriptor) }
      return Self.inode(descriptor) == inode ? Self.allocate(descriptor, offset, size) : ESTALE
    }
  }

  private static func allocate(_ descriptor: Int32, _ offset: Int, _ size: Int) -> Int32 {
    var code: Int32
    repeat { code = posix_fallocate(descriptor, off_t(offset), off_t(size)) } while code == EINTR
    return code
  }

  /// 0 where it cannot be told.
  private static func inode(_ descriptor: Int32) -> UInt64 {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  /// Memory that keeps the open file. Nil where that is not known of the file system: on overlayfs it keeps another one.
  private static func map(_ descriptor: Int32) -> UInt? {
    // ext2 to ext4, XFS, tmpfs, btrfs.
    guard [0xEF53, 0x5846_5342, 0x0102_1994, 0x9123_683E].contains(cfutex_file_system(descriptor)) else { return nil }
    let memory = unsafe mmap(nil, memorySize, PROT_NONE, MAP_SHARED, descriptor, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else { return nil }
    guard unsafe madvise(memory, memorySize, MADV_DONTFORK) == 0 else {
      unsafe munmap(memory, memorySize)
      return nil
    }
    return UInt(bitPattern: memory)
  }

  deinit {
    let isForked = ForkGuard.generation != forkGeneration
    holder.withLock { holder in
      switch holder {
      case .memory(let address):
        // A forked child has something else there, if anything.
        if !isForked { unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), Self.memorySize) }
      case .descriptor(let descriptor):
        // A child that was forked has the descriptor too. To close it here would leave the lock to a child that has not yet
        // called `exec`; to unlock it there would take it from us.
        if !isForked {
          var lock = Self.lock(F_UNLCK)
          _ = unsafe fcntl(descriptor, Self.setLock, &lock)
        }
        _ = close(descriptor)
      }
    }
  }

  private static func lock(_ type: some BinaryInteger) -> flock {
    var lock = flock()
    lock.l_type = Int16(type)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }
}
