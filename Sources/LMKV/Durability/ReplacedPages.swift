internal import LMDB
internal import LMDBPlatform

/// The file `replaced`: pages of the data file as they were before a recovery wrote over them, for whoever has to find out
/// later what happened. It stays until the store is closed properly.
///
/// A head of 64 bytes ("LMKVrepl", the generation of the checkpoint, page size, count), then for each page its number in 8
/// bytes and the page. All numbers are little-endian.
enum ReplacedPages {
  private static let magic = Array("LMKVrepl".utf8)
  private static let headSize = 64

  /// Keeps pages before they are replaced. Of a recovery that was interrupted the first pages are kept, which are the ones
  /// that were found.
  static func keep(
    _ numbers: [UInt64],
    of data: DataFile,
    at path: String,
    mode: UInt32,
    for checkpoint: CheckpointRecord
  ) throws(LMDBError) {
    let file = try StoreFile(path, O_RDWR | O_CREAT, mode: mode)
    let present = ByteFields(try file.read(headSize, at: 0))
    if present.bytes.count == headSize, present.slice(0, 8) == magic, present.load(8) == checkpoint.generation {
      return
    }
    guard ftruncate(file.descriptor, 0) == 0 else { throw LMDBError(.init(rawValue: errno), "empty \(path)") }
    let size = checkpoint.pageSize
    for (index, number) in numbers.enumerated() {
      var entry = ByteFields(count: 8)
      entry.store(number, 0)
      try file.write(entry.bytes + (try data.page(number, size: size)), at: headSize + index * (8 + size))
    }
    var head = ByteFields(count: headSize)
    head.store(bytes: magic, 0)
    head.store(checkpoint.generation, 8)
    head.store(UInt64(size), 16)
    head.store(UInt64(numbers.count), 24)
    // Last, so that a file without it is one that was not finished.
    try file.write(head.bytes, at: 0)
    try file.sync()
  }

  /// Removes the file, where there is one.
  static func drop(at path: String) {
    _ = unsafe unlink(path)
  }
}
