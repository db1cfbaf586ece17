internal import LMDBPlatform

/// A data file, read with plain system calls: never through LMDB's map, where a damaged page can stop the process.
struct PageFile {
  let descriptor: Int32
  let path: String
  let pageSize: Int

  /// Opens a data file for reading. Whoever calls this closes it.
  static func open(_ path: String) throws(LMDBError) -> Int32 {
    let descriptor = openFile(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(path)") }
    return descriptor
  }

  static func size(_ descriptor: Int32, _ path: String) throws(LMDBError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw LMDBError(.init(rawValue: errno), "look at \(path)")
    }
    return Int(status.st_size)
  }

  /// Fills `bytes` from an offset of the file.
  ///
  /// - Throws: ``LMDBError`` with `truncated` where the file ends before.
  static func read(_ descriptor: Int32, _ path: String, at offset: Int, into bytes: inout [UInt8]) throws(LMDBError) {
    var done = 0
    let count = bytes.count
    while done < count {
      let start = done
      let got = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress.map { unsafe $0 + start }, count - start, off_t(offset + start))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw LMDBError(got < 0 ? .init(rawValue: errno) : .truncated, "read \(path)") }
      done += got
    }
  }

  static func bytes(_ descriptor: Int32, _ path: String, at offset: Int, count: Int) throws(LMDBError) -> PageBytes {
    var page = PageBytes(count: count)
    try read(descriptor, path, at: offset, into: &page.bytes)
    return page
  }

  /// Fills `page`, whose size says how many bytes, from the beginning of a page.
  func read(_ number: UInt64, into page: inout PageBytes) throws(LMDBError) {
    guard number < UInt64(Int.max / pageSize) else { throw LMDBError(.corrupted, "read \(path)") }
    try Self.read(descriptor, path, at: Int(number) * pageSize, into: &page.bytes)
  }

  /// Lets the kernel read pages ahead that are wanted soon. They are in ascending order where the file was filled so.
  func willNeed(_ pages: some Sequence<UInt64>) {
    #if os(Linux)
      var run: (start: UInt64, count: UInt64)?
      func advise() {
        guard let run, run.start < UInt64(Int.max / pageSize) else { return }
        _ = posix_fadvise(
          descriptor,
          off_t(run.start) * off_t(pageSize),
          off_t(run.count) * off_t(pageSize),
          Int32(POSIX_FADV_WILLNEED)
        )
      }
      for page in pages {
        if let (start, count) = run, page == start &+ count {
          run = (start, count + 1)
        } else {
          advise()
          run = (page, 1)
        }
      }
      advise()
    #endif
  }
}
