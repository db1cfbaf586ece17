internal import CFutex
internal import LMDB
internal import LMDBPlatform

/// A file of the store that is read and written with plain system calls.
final class StoreFile: Sendable {
  let path: String
  let descriptor: Int32
  private let isOwn: Bool

  /// A file that somebody else has open, for longer than this object is used.
  init(_ path: String, borrowing descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
    isOwn = false
  }

  init(_ path: String, _ flags: Int32 = O_RDWR, mode: UInt32 = 0) throws(LMDBError) {
    self.path = path
    isOwn = true
    // Whoever opens a FIFO to read it waits for a writer.
    descriptor = openBesideData(path, flags | O_CLOEXEC | O_NONBLOCK, mode_t(mode))
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(path)") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw error("look at") }
    guard flags & O_DIRECTORY != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw LMDBError(.invalid, "open \(path), which is not a regular file")
    }
  }

  deinit {
    if isOwn { _ = close(descriptor) }
  }

  /// What tells it from other files. Nil where the system does not say.
  var identity: DirectoryLayout.FileIdentity? { DirectoryLayout.FileIdentity(descriptor: descriptor) }

  /// Whether a path leads to this file.
  func isAt(_ path: String) -> Bool {
    guard let identity else { return false }
    return DirectoryLayout.FileIdentity(path: path) == identity
  }

  /// Gives the beginning of the file its blocks.
  func allocate(_ length: Int) throws(LMDBError) {
    let code = posix_fallocate(descriptor, 0, off_t(length))
    guard code == 0 else { throw LMDBError(.init(rawValue: code), "make room in \(path)") }
  }

  var size: Int {
    get throws(LMDBError) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { throw error("look at") }
      return Int(status.st_size)
    }
  }

  /// The permissions.
  var mode: UInt32 {
    get throws(LMDBError) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { throw error("look at") }
      return UInt32(status.st_mode) & 0o777
    }
  }

  /// A new file that has no name any more, and goes with its last user.
  static func unnamed(_ path: String) throws(LMDBError) -> StoreFile {
    // One that was left by a process that was killed just here.
    _ = unsafe unlink(path)
    let file = try StoreFile(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    _ = unsafe unlink(path)
    return file
  }

  /// Writes the whole content into another file, which has nothing behind it.
  func copy(to file: StoreFile) throws(LMDBError) {
    var offset = 0
    while true {
      let bytes = try read(1 << 20, at: offset)
      guard !bytes.isEmpty else { return }
      try file.write(bytes, at: offset)
      offset += bytes.count
    }
  }

  /// Writes every page as it is: of which of them the kernel believes without reason that the disk has it, nobody knows.
  func writeAnew() throws(LMDBError) { try copy(to: self) }

  /// The bytes at an offset; fewer where the file ends.
  func read(_ count: Int, at offset: Int) throws(LMDBError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let (start, rest) = (done, count - done)
      let length = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress.map { unsafe $0 + start }, rest, off_t(offset + start))
      }
      if length == 0 { break }
      if length < 0 {
        if errno == EINTR { continue }
        throw error("read")
      }
      done += length
    }
    bytes.removeSubrange(done...)
    return bytes
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LMDBError) {
    var done = 0
    while done < bytes.count {
      let length = unsafe pwrite(
        descriptor,
        bytes.baseAddress.map { unsafe $0 + done },
        bytes.count - done,
        off_t(offset + done)
      )
      if length < 0 {
        if errno == EINTR { continue }
        throw error("write")
      }
      guard length > 0 else { throw LMDBError(.init(rawValue: ENOSPC), "write \(path)") }
      done += length
    }
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(LMDBError) {
    try unsafe bytes.span.bytes.withUnsafeBytes { (bytes) throws(LMDBError) in
      unsafe try write(bytes, at: offset)
    }
  }

  /// The beginning of the file as memory, which whoever gets it unmaps. All of its blocks must be there: a hole that cannot
  /// be filled later would be a `SIGBUS`.
  func map(_ length: Int) throws(LMDBError) -> UnsafeMutableRawPointer {
    let start = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else { throw error("map") }
    return unsafe start
  }

  /// Whether the file system writes what is changed in memory to the blocks that the file has: then that needs no room on
  /// the disk. Others copy the blocks, and a full disk would be a `SIGBUS`.
  var keepsBlocks: Bool {
    // ext2 to ext4, XFS, tmpfs.
    [0xEF53, 0x5846_5342, 0x0102_1994].contains(cfutex_file_system(descriptor))
  }

  /// Brings what was written to the disk, but for the file's times.
  ///
  /// After an error the kernel may take for written what is not: see ``SharedState/syncing(_:)``, through which all syncs of
  /// a store in use go.
  func sync() throws(LMDBError) {
    while fdatasync(descriptor) != 0 {
      guard errno == EINTR else { throw error("sync") }
    }
  }

  /// The same with all that the system knows of the file. That is what a directory's new names need.
  func syncWhole() throws(LMDBError) {
    while fsync(descriptor) != 0 {
      guard errno == EINTR else { throw error("sync") }
    }
  }

  private func error(_ verb: String) -> LMDBError {
    LMDBError(.init(rawValue: errno), "\(verb) \(path)")
  }
}
