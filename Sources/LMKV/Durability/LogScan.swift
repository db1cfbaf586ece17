internal import LMDB
internal import LMDBPlatform

/// The redo log as recovery finds it: all of the file in memory, and walks over its records.
struct LogScan {
  private let bytes: [UInt8]
  private let capacity: UInt64
  private let lineage: UInt64

  /// Reads the file that a checkpoint speaks of. One that is missing has no records.
  init(_ path: String, _ checkpoint: CheckpointRecord) throws(LMDBError) {
    capacity = checkpoint.redoCapacity
    lineage = checkpoint.lineage
    guard capacity > 0 else {
      bytes = []
      return
    }
    let file: StoreFile
    do throws(LMDBError) {
      file = try StoreFile(path, O_RDONLY)
    } catch {
      guard error.code.rawValue == ENOENT else { throw error }
      bytes = []
      return
    }
    // It may have grown since the checkpoint, and is no longer than logs are.
    let length = min(max(0, try file.size - RedoLog.start), Int(max(capacity, DurabilityLimits().largestLog)))
    bytes = try file.read(length, at: RedoLog.start)
  }

  /// Whether there is a file with anything in it.
  var isEmpty: Bool { bytes.isEmpty }

  /// Calls `body` with each record from a position on, until there is no whole one, or it returns false.
  ///
  /// - Returns: where the walk ended: behind the last record that `body` took.
  @discardableResult
  func forEach<E: Error>(
    from start: UInt64,
    _ body: (RedoRecord) throws(E) -> Bool
  ) throws(E) -> UInt64 {
    var position = start
    // No more than one round: what follows would be the beginning again.
    while capacity > 0, position - start < capacity {
      let rest = capacity - position % capacity
      guard rest >= UInt64(RedoRecord.headSize) else {
        position += rest
        continue
      }
      guard let end = try take(position, body) else { break }
      position = end
    }
    return position
  }

  private func take<E: Error>(_ position: UInt64, _ body: (RedoRecord) throws(E) -> Bool) throws(E) -> UInt64? {
    try unsafe bytes.span.bytes.withUnsafeBytes { (all) throws(E) -> UInt64? in
      guard let record = unsafe record(all, at: position) else { return nil }
      switch record.kind {
      case .filler: return record.end
      case .transaction, .anchor: return try body(record) ? record.end : nil
      }
    }
  }

  private func record(_ all: UnsafeRawBufferPointer, at position: UInt64) -> RedoRecord? {
    let offset = Int(position % capacity)
    guard offset < all.count else { return nil }
    // The file may be larger than the log of this checkpoint.
    let rest = unsafe UnsafeRawBufferPointer(rebasing: all[offset..<min(all.count, Int(capacity))])
    if lineage == 0 { return unsafe RedoRecord(version1: rest, at: position) }
    return unsafe RedoRecord(rest, at: position, lineage: lineage)
  }

  /// How far the log was once on the disk, as whole records behind a position say.
  ///
  /// A power failure may leave later records without an earlier one, but only such as no sync has reached: one that says
  /// that the log was on the disk beyond the position proves that something else has damaged it.
  func provenSync(behind position: UInt64) -> UInt64 {
    guard capacity > 0 else { return 0 }
    return unsafe bytes.span.bytes.withUnsafeBytes { all in
      var proven: UInt64 = 0
      var offset = 0
      while let found = unsafe Self.magic(in: all, from: offset) {
        offset = found + 8
        let place: UInt64 = unsafe UInt64(
          littleEndian: all.loadUnaligned(fromByteOffset: found + RedoRecord.Field.position, as: UInt64.self)
        )
        guard place > position, place - position < capacity, Int(place % capacity) == found,
          let record = unsafe record(all, at: place), record.kind == .transaction
        else { continue }
        proven = max(proven, record.synced)
      }
      return proven
    }
  }

  /// Whether there are transactions behind the anchor of a checkpoint that is newer than a generation, wherever it lies: the
  /// log may have grown since, and goes on elsewhere when somebody has died.
  func hasTransactions(afterAnchorBehind generation: UInt64) -> Bool {
    unsafe bytes.span.bytes.withUnsafeBytes { all in
      var offset = 0
      while let found = unsafe Self.magic(in: all, from: offset) {
        offset = found + 8
        guard let anchor = unsafe whole(all, at: found), anchor.kind == .anchor, anchor.revision > generation,
          let next = unsafe whole(all, at: found + RedoRecord.headSize), next.position == anchor.end,
          next.kind == .transaction
        else { continue }
        return true
      }
      return false
    }
  }

  /// The record at a place of the file, whatever its position.
  private func whole(_ all: UnsafeRawBufferPointer, at offset: Int) -> RedoRecord? {
    guard offset + RedoRecord.headSize <= all.count else { return nil }
    let rest = unsafe UnsafeRawBufferPointer(rebasing: all[offset...])
    let position = unsafe rest.loadUnaligned(fromByteOffset: RedoRecord.Field.position, as: UInt64.self)
    return unsafe RedoRecord(rest, at: UInt64(littleEndian: position), lineage: lineage)
  }

  /// The next multiple of 8 at which there may be a head.
  private static func magic(in all: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = all.baseAddress else { return nil }
    let first = Int32(truncatingIfNeeded: RedoRecord.magic & 0xFF)
    var offset = start
    while offset + RedoRecord.headSize <= all.count {
      guard let found = unsafe memchr(base + offset, first, all.count - offset) else { return nil }
      offset = unsafe UnsafeRawPointer(found) - base
      guard offset + RedoRecord.headSize <= all.count else { return nil }
      let isHead = unsafe all.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == RedoRecord.magic.littleEndian
      if offset % 8 == 0, isHead { return offset }
      offset += 1
    }
    return nil
  }
}
