internal import LMDBPlatform

/// The files of an environment, and the questions to the file system that come before LMDB is let near them.
package struct DirectoryLayout {
  let directory: String

  var dataFile: String { directory + "/data.mdb" }
  var lockFile: String { directory + "/lock.mdb" }
  var guardFile: String { directory + "/open.lock" }

  /// What tells two paths to the same file from two files.
  package struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    package let inode: UInt64

    init(_ status: stat) {
      device = UInt64(truncatingIfNeeded: status.st_dev)
      inode = UInt64(status.st_ino)
    }

    /// That of an open file. Nil where the system does not say.
    package init?(descriptor: Int32) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { return nil }
      self.init(status)
    }

    /// That of the file that a path leads to. Nil, with `errno`, where there is none, or the system does not say.
    package init?(path: String) {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return nil }
      self.init(status)
    }
  }

  /// The size of the data file, in bytes; 0 where there is none.
  var dataSize: Int { Int(Self.status(of: dataFile)?.st_size ?? 0) }

  func identity() -> FileIdentity? {
    Self.status(of: dataFile).map(FileIdentity.init)
  }

  /// The same directory by a path that stays right when the process changes its working directory.
  func resolved() -> DirectoryLayout {
    guard let path = unsafe realpath(directory, nil) else { return self }
    defer { unsafe free(path) }
    return unsafe DirectoryLayout(directory: String(cString: path))
  }

  /// Whether an open may add files: only beside an environment that exists, or when it may create one.
  func mayCreate(_ configuration: Environment.Configuration) -> Bool {
    (configuration.createsIfMissing && configuration.access == .readWrite) || Self.status(of: dataFile) != nil
  }

  /// Creates or finds the directory. Throws `ENOENT`, `ENOTDIR`, `EACCES` with the path in the context.
  ///
  /// - Returns: the identity of the directory.
  func prepare(_ configuration: Environment.Configuration) throws(LMDBError) -> FileIdentity {
    var found = Self.status(of: directory)
    if found == nil, errno == ENOENT, configuration.createsIfMissing, configuration.access == .readWrite {
      // Whoever may read a file may enter its directory.
      let mode = configuration.fileMode | (configuration.fileMode & 0o444) >> 2
      guard unsafe mkdir(directory, mode_t(mode)) == 0 || errno == EEXIST else {
        throw LMDBError(.init(rawValue: errno), "create the directory \(directory)")
      }
      found = Self.status(of: directory)
    }
    guard let status = found else { throw LMDBError(.init(rawValue: errno), "open \(directory)") }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw LMDBError(.init(rawValue: ENOTDIR), "open \(directory)") }
    #if os(Linux)
      if !configuration.allowsNetworkFileSystem { try refuseNetworkFileSystem() }
    #endif
    return FileIdentity(status)
  }

  #if os(Linux)
    private func refuseNetworkFileSystem() throws(LMDBError) {
      // NFS, SMB, SMB2, CIFS, 9p, FUSE: the magic numbers of statfs(2).
      let remote: Set<UInt32> = [0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42, 0x0102_1997, 0x6573_5546]
      guard !remote.contains(unsafe Calls.fileSystemType(directory)) else {
        throw LMDBError(.networkFileSystem, "open \(directory)")
      }
    }
  #endif

  /// Gives the lock file its blocks, because LMDB maps it as it is: on a full disk a sparse one is a `SIGBUS`.
  ///
  /// One that has them is not opened: closing a living lock file would drop this process's locks on it.
  func reserveLockFile(_ configuration: Environment.Configuration) throws(LMDBError) {
    let found = Self.status(of: lockFile)
    // LMDB derives the number of slots from the size: 64 bytes each, and 128 for the two locks. A file that others may have
    // open keeps its size.
    let present = Int(found?.st_size ?? 0)
    let size = present > 0 ? present : 64 * configuration.maxReaders + 128
    if let found, present > 0, Int(found.st_blocks) * 512 >= present { return }
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK
    let descriptor = openBesideData(lockFile, flags, mode_t(configuration.fileMode))
    guard descriptor >= 0 else {
      // LMDB reads without one where it may not write.
      if found != nil || [EROFS, EACCES].contains(errno), configuration.access == .readOnly { return }
      throw LMDBError(.init(rawValue: errno), "create \(lockFile)")
    }
    defer { _ = close(descriptor) }
    #if os(Linux)
      let code = posix_fallocate(descriptor, 0, off_t(size))
      guard code == 0 || code == EOPNOTSUPP || code == EINVAL else {
        if found == nil { _ = unsafe unlink(lockFile) }
        throw LMDBError(.init(rawValue: code), "allocate \(size) bytes for \(lockFile)")
      }
    #endif
  }

  /// Makes a new environment's files durable, and their names, so that no acknowledged commit vanishes with them.
  func syncAll() throws(LMDBError) {
    let descriptor = openFile(dataFile, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "sync \(dataFile)") }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 else { throw LMDBError(.init(rawValue: errno), "sync \(dataFile)") }
    try syncDirectory(directory)
    // Whoever may not read the parent did not create the directory.
    try? syncDirectory(directory + "/..")
  }

  fileprivate static func status(of path: String) -> stat? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status : nil
  }
}

/// Makes the directory's list of files durable.
package func syncDirectory(_ directory: String) throws(LMDBError) {
  let descriptor = openFile(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "sync \(directory)") }
  defer { _ = close(descriptor) }
  guard fsync(descriptor) == 0 else { throw LMDBError(.init(rawValue: errno), "sync \(directory)") }
}

/// `open(2)` with a mode, which Swift cannot call by its own variadic name everywhere.
func openFile(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
  unsafe open(path, flags, mode)
}
