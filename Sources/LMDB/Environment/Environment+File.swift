internal import LMDBPlatform

extension Environment {
  /// What the data file takes.
  public struct FileUsage: Hashable, Sendable {
    /// The length of the file, in bytes.
    public let size: Int
    /// The bytes that it occupies on the disk: less than `size` where it has holes.
    public let allocatedSize: Int
  }

  /// The version of the LMDB library in this process, such as "0.9.24".
  ///
  /// LMDB: `mdb_version`.
  public static var engineVersion: String { unsafe Calls.version }

  /// The version of the file format that this library reads and writes.
  public static var fileFormat: Int { FileHeader.format }

  /// How large the data file is.
  ///
  /// LMDB: none; `stat(2)`.
  public func fileUsage() throws(LMDBError) -> FileUsage {
    let path = layout.dataFile
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw LMDBError(.init(rawValue: errno), "look at \(path)")
    }
    // The unit of st_blocks is 512 bytes on every system, whatever st_blksize says.
    return FileUsage(size: Int(status.st_size), allocatedSize: Int(status.st_blocks) * 512)
  }
}
