internal import LMDB
internal import LMDBPlatform

/// The file `checkpoint`: the newest checkpoint, and what the pages held at that time that were used again since.
///
/// Two sectors, at 0 and 4,096, take the records in turn, so that one is whole whenever power fails. From 8,192 on lie the
/// page images of the newest one: a head of 64 bytes (generation, index, page number, XXH64 of the head's 24 bytes and
/// the page) and the page. Images of an older generation are left over and mean nothing.
struct CheckpointFile {
  private static let imagesStart = 8_192
  private static let imageHead = 64

  private let file: StoreFile

  init(_ path: String, mode: UInt32, creates: Bool) throws(LMDBError) {
    file = try StoreFile(path, creates ? O_RDWR | O_CREAT : O_RDWR, mode: mode)
    // Both records get their place at once, so that a checkpoint can be ended on a full disk.
    let size = try file.size
    if creates, size < Self.imagesStart {
      try file.write([UInt8](repeating: 0, count: Self.imagesStart - size), at: size)
    }
  }

  private init(reading path: String) throws(LMDBError) {
    file = try StoreFile(path, O_RDONLY)
  }

  /// The newest checkpoint of a store. Nil where there never was one.
  static func newest(at path: String) throws(LMDBError) -> CheckpointRecord? {
    let file: CheckpointFile
    do throws(LMDBError) {
      file = try CheckpointFile(reading: path)
    } catch {
      guard error.code.rawValue == ENOENT else { throw error }
      return nil
    }
    return try file.newest()
  }

  func newest() throws(LMDBError) -> CheckpointRecord? {
    var newest: CheckpointRecord?
    for slot in 0..<2 {
      guard let record = CheckpointRecord(try file.read(CheckpointRecord.size, at: slot * 4_096)) else { continue }
      if record.generation > newest?.generation ?? 0 { newest = record }
    }
    return newest
  }

  /// Makes a checkpoint the newest, durably.
  func write(_ record: CheckpointRecord) throws(LMDBError) {
    try file.write(record.bytes, at: Int(record.generation % 2) * 4_096)
    try file.sync()
  }

  // MARK: Page images

  /// Adds images of pages, durably.
  func add(_ pages: [(number: UInt64, bytes: [UInt8])], from index: Int, generation: UInt64) throws(LMDBError) {
    guard let pageSize = pages.first?.bytes.count else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pages.count * (pageSize + Self.imageHead))
    for (offset, page) in pages.enumerated() {
      var head = ByteFields(count: Self.imageHead)
      head.store(generation, 0)
      head.store(UInt64(index + offset), 8)
      head.store(page.number, 16)
      head.store(Self.hash(head, page.bytes), 24)
      bytes += head.bytes
      bytes += page.bytes
    }
    try file.write(bytes, at: Self.imagesStart + index * (pageSize + Self.imageHead))
    try file.sync()
  }

  /// Calls `body` with each image of a checkpoint that was written whole.
  func forEachImage(
    of record: CheckpointRecord,
    _ body: (_ number: UInt64, _ bytes: [UInt8]) throws(LMDBError) -> Void
  ) throws(LMDBError) {
    let size = record.pageSize + Self.imageHead
    var index = 0
    while true {
      let bytes = try file.read(size, at: Self.imagesStart + index * size)
      guard bytes.count == size else { return }
      let head = ByteFields(Array(bytes[..<Self.imageHead]))
      let page = Array(bytes[Self.imageHead...])
      guard head.load(0) == record.generation, head.load(8) == UInt64(index), head.load(24) == Self.hash(head, page)
      else { return }
      try body(head.load(16), page)
      index += 1
    }
  }

  private static func hash(_ head: ByteFields, _ page: [UInt8]) -> UInt64 {
    let bytes = head.bytes[..<24] + page
    return XXHash64.hash(bytes)
  }
}
