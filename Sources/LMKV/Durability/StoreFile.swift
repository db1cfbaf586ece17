internal import LMDB
internal import LMDBPlatform

/// A file of the store that is read and written with plain system calls.
final class StoreFile: Sendable {
  let path: String
  let descriptor: Int32

  init(_ path: String, _ flags: Int32 = O_RDWR, mode: UInt32 = 0) throws(LMDBError) {
    self.path = path
    descriptor = unsafe open(path, flags | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(path)") }
  }

  deinit {
    _ = close(descriptor)
  }

  var size: Int {
    get throws(LMDBError) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { throw error("look at") }
      return Int(status.st_size)
    }
  }

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

  /// Brings what was written to the disk, but for the file's times.
  func sync() throws(LMDBError) {
    while fdatasync(descriptor) != 0 {
      guard errno == EINTR else { throw error("sync") }
    }
  }

  private func error(_ verb: String) -> LMDBError {
    LMDBError(.init(rawValue: errno), "\(verb) \(path)")
  }
}
