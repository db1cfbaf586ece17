internal import LMDB
internal import LMDBPlatform

/// The file `checkpoint`: the newest checkpoint, and what the pages held at that time that were used again since.
///
/// Two slots, at 0 and 4,096, take the records in turn, so that one is whole whenever power fails. A slot has the record
/// twice, 512 bytes apart, so that a damaged one is told from an absent one, and is made good. From 8,192 on lie the page
/// images of the newest one: a head of 64 bytes (generation, index, page number, XXH64 of the head's 24 bytes and the
/// page) and the page. Images of an older generation are left over and mean nothing.
struct CheckpointFile {
  private static let imagesStart = 8_192
  private static let imageHead = 64
  private static let slotSize = 4_096

  let file: StoreFile

  init(_ path: String, mode: UInt32, creates: Bool) throws(LMDBError) {
    file = try StoreFile(path, creates ? O_RDWR | O_CREAT : O_RDWR, mode: mode)
    // Both slots get their place at once, so that a checkpoint can be ended on a full disk.
    let size = try file.size
    if creates, size < Self.imagesStart {
      try file.write([UInt8](repeating: 0, count: Self.imagesStart - size), at: size)
    }
  }

  private init(reading path: String) throws(LMDBError) {
    file = try StoreFile(path, O_RDONLY)
  }

  /// What the two slots of a store's file say.
  struct Contents: Equatable {
    /// The newest checkpoint. Nil where there is none, or none that can be read.
    var newest: CheckpointRecord?
    /// Whether a slot has something that is no record, in both of its copies.
    var isDamaged = false
    /// How many slots have a damaged copy of a record, and a whole one.
    var damagedCopies = 0
    /// The version of a record of a newer LMKV.
    var newerVersion: UInt32?
    /// Whether there is a file at all.
    var exists = true
  }

  /// Reads the slots of a file that may be missing.
  static func contents(at path: String) throws(LMDBError) -> Contents {
    let file: CheckpointFile
    do throws(LMDBError) {
      file = try CheckpointFile(reading: path)
    } catch {
      guard error.code.rawValue == ENOENT else { throw error }
      return Contents(exists: false)
    }
    return try file.contents()
  }

  func contents() throws(LMDBError) -> Contents {
    var contents = Contents()
    for slot in 0..<2 {
      let readings = try copies(slot).map(CheckpointRecord.read)
      var records: [CheckpointRecord] = []
      for reading in readings {
        switch reading {
        case .record(let record): records.append(record)
        case .newer(let version): contents.newerVersion = version
        case .absent, .damaged: break
        }
      }
      if readings.contains(.damaged) {
        if records.isEmpty { contents.isDamaged = true } else { contents.damagedCopies += 1 }
      }
      for record in records where record.generation > contents.newest?.generation ?? 0 { contents.newest = record }
    }
    return contents
  }

  /// What a slot has in the two places of its record.
  private func copies(_ slot: Int) throws(LMDBError) -> [[UInt8]] {
    let bytes = try file.read(2 * CheckpointRecord.size, at: slot * Self.slotSize)
    return [Array(bytes.prefix(CheckpointRecord.size)), Array(bytes.dropFirst(CheckpointRecord.size))]
  }

  /// Makes a checkpoint the newest. The caller syncs.
  func write(_ record: CheckpointRecord) throws(LMDBError) {
    let bytes = record.bytes
    try file.write(bytes + bytes, at: Int(record.generation % 2) * Self.slotSize)
  }

  /// Makes good what is damaged in a file that nobody depends on: from the other copy, or as if it had never been written.
  func mend() throws(LMDBError) {
    for slot in 0..<2 {
      let copies = try copies(slot)
      guard copies.contains(where: { CheckpointRecord.read($0) == .damaged }) else { continue }
      let whole =
        copies.first { CheckpointRecord.read($0) != .damaged } ?? .init(repeating: 0, count: CheckpointRecord.size)
      try file.write(whole + whole, at: slot * Self.slotSize)
    }
    try file.sync()
  }

  // MARK: Page images

  /// Adds images of pages. The caller syncs.
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
  }

  /// Calls `body` with each image of a checkpoint that was written whole, whatever is beside it: each is right by itself.
  func forEachImage(
    of record: CheckpointRecord,
    _ body: (_ index: UInt64, _ number: UInt64, _ bytes: [UInt8]) throws(LMDBError) -> Void
  ) throws(LMDBError) {
    let size = record.pageSize + Self.imageHead
    // One for each page at most, whatever length the file says that it has.
    let pages = DataFile.Meta(copy: record.meta).map { Int($0.lastPage) + 1 } ?? 0
    let count = min(max(0, try file.size - Self.imagesStart) / size, pages)
    for index in 0..<count {
      let bytes = try file.read(size, at: Self.imagesStart + index * size)
      guard bytes.count == size else { return }
      let head = ByteFields(Array(bytes[..<Self.imageHead]))
      guard head.load(0) == record.generation, head.load(8) == UInt64(index) else { continue }
      let page = Array(bytes[Self.imageHead...])
      guard head.load(24) == Self.hash(head, page), head.load(16, as: UInt64.self) < 1 << 40 else { continue }
      try body(UInt64(index), head.load(16), page)
    }
  }

  /// The same for a file that is not to be written.
  static func forEachImage(
    of record: CheckpointRecord,
    at path: String,
    _ body: (_ index: UInt64, _ number: UInt64, _ bytes: [UInt8]) throws(LMDBError) -> Void
  ) throws(LMDBError) {
    try CheckpointFile(reading: path).forEachImage(of: record, body)
  }

  /// How many of the first images of a checkpoint are whole, in a row.
  static func wholeImages(at path: String, of record: CheckpointRecord) throws(LMDBError) -> UInt64 {
    var count: UInt64 = 0
    try forEachImage(of: record, at: path) { (index, _, _) throws(LMDBError) in
      if index == count { count += 1 }
    }
    return count
  }

  private static func hash(_ head: ByteFields, _ page: [UInt8]) -> UInt64 {
    let bytes = head.bytes[..<24] + page
    return XXHash64.hash(bytes)
  }
}
