internal import LMDBPlatform

/// Tells other processes that an environment is open: a shared lock on its directory, held as long as it is.
///
/// It is a lock of the open file description (`F_OFD_SETLK`), not of the process: nothing else that this process opens
/// or closes can drop it, unlike LMDB's own locks on `lock.mdb`, which must never be asked for that reason. It needs no
/// file, works on read-only media, can be asked for without being taken, and the system drops it when the process dies.
/// A forked child that does not `exec` has it as long as we do. Other LMDB programs do not take it.
final class UseLock: Sendable {
  /// Whether surely no other process had the environment open when this lock was taken, under the guard.
  let isFirst: Bool
  private let descriptor: Int32
  private let forkGeneration = ForkGuard.generation

  // <fcntl.h> shows these only to those who ask for extensions.
  #if os(Linux)
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37
  #else
    private static let getLock: Int32 = 92
    private static let setLock: Int32 = 90
  #endif

  /// Never waits: only shared locks are ever taken.
  init(_ layout: DirectoryLayout, _ configuration: Environment.Configuration) throws(LMDBError) {
    descriptor = openFile(layout.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(layout.directory)") }
    isFirst = Self.isFree(descriptor) == true
    var lock = flock()
    lock.l_type = Int16(F_RDLCK)
    lock.l_whence = Int16(SEEK_SET)
    // A network file system may have no such locks. Then nobody can tell who uses the environment, but all can use it.
    guard unsafe fcntl(descriptor, Self.setLock, &lock) == 0 || configuration.allowsNetworkFileSystem else {
      // The end of the object, which is complete, closes the descriptor.
      throw LMDBError(.init(rawValue: errno), "lock the directory \(layout.directory)")
    }
  }

  deinit {
    // A child that was forked has the descriptor too. Closing it here would leave the lock to a child that has not yet
    // called `exec`, and unlocking it there would take it from us.
    if ForkGuard.generation == forkGeneration {
      var lock = flock()
      lock.l_type = Int16(F_UNLCK)
      lock.l_whence = Int16(SEEK_SET)
      _ = unsafe fcntl(descriptor, Self.setLock, &lock)
    }
    _ = close(descriptor)
  }

  /// Whether any process, this one included, has the environment in this directory open. Takes no lock.
  static func isTaken(_ directory: String) throws(LMDBError) -> Bool {
    let descriptor = openFile(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(directory)") }
    defer { _ = close(descriptor) }
    guard let isFree = isFree(descriptor) else {
      throw LMDBError(.init(rawValue: errno), "ask for the lock of \(directory)")
    }
    return !isFree
  }

  /// Whether nobody has such a lock on the open directory. Nil, with `errno`, where one cannot ask.
  private static func isFree(_ descriptor: Int32) -> Bool? {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    guard unsafe fcntl(descriptor, getLock, &lock) == 0 else { return nil }
    return lock.l_type == Int16(F_UNLCK)
  }
}
