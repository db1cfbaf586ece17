internal import ControlPage

/// A state of the data file that survives a power failure, and whether there is anything after it: one sector of the
/// file `checkpoint`.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 8 | "LMKVckpt" |
/// | 8 | 4 | version, 1 |
/// | 12 | 4 | flags: bit 0 = clean |
/// | 16 | 8 | generation, raised by each checkpoint |
/// | 24 | 16 | the start of the machine (boot ID) in which it was written |
/// | 40 | 4 | page size of the data file |
/// | 48 | 8 | LMDB's transaction ID of the state |
/// | 56 | 8 | position in the redo log where the transactions after the state begin |
/// | 64 | 8 | capacity of the redo log, 0 where there is none |
/// | 128 | 256 | the beginning of LMDB's meta page of the state |
/// | 504 | 8 | XXH64 of the 504 bytes before |
///
/// All numbers are little-endian.
struct CheckpointRecord: Hashable {
  static let size = 512
  static let metaSize = 256
  private static let magic = Array("LMKVckpt".utf8)
  private static let version: UInt32 = 1

  /// Nothing was committed after the state otherwise than by LMDB's own durable commits: there is nothing to recover.
  var isClean: Bool
  var generation: UInt64
  var boot: BootID
  var pageSize: Int
  var transactionID: UInt64
  var redoStart: UInt64
  var redoCapacity: UInt64
  var meta: [UInt8]

  init(
    isClean: Bool,
    generation: UInt64,
    boot: BootID,
    meta: DataFile.Meta,
    redoStart: UInt64,
    redoCapacity: UInt64
  ) {
    self.isClean = isClean
    self.generation = generation
    self.boot = boot
    self.redoStart = redoStart
    self.redoCapacity = redoCapacity
    pageSize = meta.pageSize
    transactionID = meta.transactionID
    self.meta = meta.bytes
  }

  var bytes: [UInt8] {
    var fields = ByteFields(count: Self.size)
    fields.store(bytes: Self.magic, 0)
    fields.store(Self.version, 8)
    fields.store(UInt32(isClean ? 1 : 0), 12)
    fields.store(generation, 16)
    fields.store(boot.high, 24)
    fields.store(boot.low, 32)
    fields.store(UInt32(pageSize), 40)
    fields.store(transactionID, 48)
    fields.store(redoStart, 56)
    fields.store(redoCapacity, 64)
    fields.store(bytes: meta, 128)
    fields.store(XXHash64.hash(fields.bytes[..<504]), 504)
    return fields.bytes
  }

  /// Nil for bytes that are no whole record of this version.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    let fields = ByteFields(bytes)
    guard fields.slice(0, 8) == Self.magic, fields.load(8) == Self.version,
      fields.load(504) == XXHash64.hash(bytes[..<504])
    else { return nil }
    isClean = fields.load(12, as: UInt32.self) & 1 == 1
    generation = fields.load(16)
    boot = BootID(high: fields.load(24), low: fields.load(32))
    pageSize = Int(fields.load(40, as: UInt32.self))
    transactionID = fields.load(48)
    redoStart = fields.load(56)
    redoCapacity = fields.load(64)
    meta = fields.slice(128, Self.metaSize)
  }
}
