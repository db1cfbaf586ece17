internal import LMDB
internal import LMDBPlatform

/// The file `redo`: what was committed after the newest checkpoint, for a power failure.
///
/// A position counts all bytes that were ever written to the log; its place in the file is what is left of it after
/// division by the capacity, behind a first page that stays empty. The file has all its blocks from the beginning, and
/// is written over and over, so that a sync brings data to the disk and nothing else.
// `scratch` is used only by the thread that has the turn to write.
final class RedoLog: @unchecked Sendable {
  private static let start = 4_096

  private let file: StoreFile
  private var scratch: [UInt8] = []

  init(_ path: String, mode: UInt32) throws(LMDBError) {
    file = try StoreFile(path, O_RDWR | O_CREAT, mode: mode)
  }

  /// Gives the file its blocks, durably.
  func prepare(capacity: UInt64) throws(LMDBError) {
    let end = Self.start + Int(capacity)
    let size = try file.size
    guard size < end else { return }
    // Written, not only allocated: a block that was never written would be marked as such at its first sync.
    let zeros = [UInt8](repeating: 0, count: 1 << 18)
    var offset = size
    while offset < end {
      let length = min(zeros.count, end - offset)
      try unsafe zeros.span.bytes.extracting(..<length).withUnsafeBytes { (bytes) throws(LMDBError) in
        unsafe try file.write(bytes, at: offset)
      }
      offset += length
    }
    while fsync(file.descriptor) != 0 {
      guard errno == EINTR else { throw LMDBError(.init(rawValue: errno), "sync \(file.path)") }
    }
  }

  func sync() throws(LMDBError) {
    try file.sync()
  }

  // MARK: Writing

  /// What a commit puts into the log beside its changes.
  struct Commit {
    let transactionID: UInt64
    let revision: UInt64
    let generation: UInt64
    let milliseconds: Int64
  }

  /// Makes the record of a commit ready. Returns its length.
  func stage(_ commit: Commit, _ changes: ChangeRecorder, names: [String]) -> Int {
    scratch.removeAll(keepingCapacity: scratch.count <= 1 << 20)
    scratch.append(contentsOf: repeatElement(0, count: RedoRecord.headSize))
    for name in names {
      scratch.append(contentsOf: name.utf8)
      scratch.append(0)
    }
    let namesLength = scratch.count - RedoRecord.headSize
    unsafe changes.withBytes { unsafe scratch.append(contentsOf: $0) }
    scratch.append(contentsOf: repeatElement(0, count: -scratch.count & 7))
    unsafe scratch.withUnsafeMutableBytes { (record: UnsafeMutableRawBufferPointer) in
      // The head is 72 bytes of `record`, which has at least as many.
      unsafe record.storeBytes(of: RedoRecord.magic.littleEndian, toByteOffset: 0, as: UInt32.self)
      unsafe record.storeBytes(of: RedoRecord.transactionKind.littleEndian, toByteOffset: 4, as: UInt32.self)
      unsafe record.storeBytes(of: UInt64(record.count).littleEndian, toByteOffset: 8, as: UInt64.self)
      unsafe record.storeBytes(of: commit.transactionID.littleEndian, toByteOffset: 24, as: UInt64.self)
      unsafe record.storeBytes(of: commit.revision.littleEndian, toByteOffset: 32, as: UInt64.self)
      unsafe record.storeBytes(of: commit.generation.littleEndian, toByteOffset: 40, as: UInt64.self)
      unsafe record.storeBytes(of: commit.milliseconds.littleEndian, toByteOffset: 48, as: Int64.self)
      unsafe record.storeBytes(of: UInt32(namesLength).littleEndian, toByteOffset: 56, as: UInt32.self)
      unsafe record.storeBytes(of: UInt32(clamping: changes.count).littleEndian, toByteOffset: 60, as: UInt32.self)
    }
    return scratch.count
  }

  /// Where a record of this length that follows on a position begins: not across the end of the file.
  static func place(_ length: Int, after position: UInt64, capacity: UInt64) -> UInt64 {
    let rest = capacity - position % capacity
    return UInt64(length) <= rest ? position : position + rest
  }

  /// Writes the record that was made ready. It is nobody's yet.
  func writeStaged(after position: UInt64, capacity: UInt64) throws(LMDBError) -> UInt64 {
    let place = Self.place(scratch.count, after: position, capacity: capacity)
    if place - position >= UInt64(RedoRecord.headSize) {
      try writeFiller(at: position, length: place - position, capacity)
    }
    unsafe scratch.withUnsafeMutableBytes { record in
      unsafe record.storeBytes(of: place.littleEndian, toByteOffset: 16, as: UInt64.self)
      unsafe record.storeBytes(of: 0, toByteOffset: 64, as: UInt64.self)
      let hash = unsafe XXHash64.hash(UnsafeRawBufferPointer(record))
      unsafe record.storeBytes(of: hash.littleEndian, toByteOffset: 64, as: UInt64.self)
    }
    try file.write(scratch, at: Self.start + Int(place % capacity))
    return place + UInt64(scratch.count)
  }

  private func writeFiller(at position: UInt64, length: UInt64, _ capacity: UInt64) throws(LMDBError) {
    var head = ByteFields(count: RedoRecord.headSize)
    head.store(RedoRecord.magic, 0)
    head.store(RedoRecord.fillerKind, 4)
    head.store(length, 8)
    head.store(position, 16)
    try file.write(head.bytes, at: Self.start + Int(position % capacity))
  }

  // MARK: Reading

  /// Calls `body` with each whole record from a position on, until there is none.
  static func forEach(
    at path: String,
    from start: UInt64,
    capacity: UInt64,
    _ body: (RedoRecord) throws(LMDBError) -> Bool
  ) throws(LMDBError) {
    guard capacity > 0 else { return }
    let file = try StoreFile(path, O_RDONLY)
    var position = start
    while position < start + capacity {
      let rest = capacity - position % capacity
      if rest < RedoRecord.headSize {
        position += rest
        continue
      }
      let offset = Self.start + Int(position % capacity)
      let head = try file.read(RedoRecord.headSize, at: offset)
      guard let length = RedoRecord.length(head, at: position), length <= rest else { return }
      if RedoRecord.isFiller(head) {
        guard length == rest else { return }
        position += UInt64(length)
        continue
      }
      guard let record = RedoRecord(try file.read(length, at: offset), at: position), try body(record) else { return }
      position = record.end
    }
  }
}
