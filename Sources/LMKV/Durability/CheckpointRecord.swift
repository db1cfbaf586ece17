internal import ControlPage

/// A state of the data file that survives a power failure, and whether there is anything after it: one sector of the
/// file `checkpoint`.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 8 | "LMKVckpt" |
/// | 8 | 4 | version, 2 |
/// | 12 | 4 | flags: bit 0 = clean |
/// | 16 | 8 | generation, raised by each checkpoint |
/// | 24 | 16 | boot ID of the writer, a hint |
/// | 40 | 4 | page size of the data file |
/// | 48 | 8 | LMDB's transaction ID of the state |
/// | 56 | 8 | position in the redo log where the transactions after the state begin |
/// | 64 | 8 | capacity of the redo log, 0 where there is none |
/// | 72 | 8 | lineage: a random number for each time that the store became dirty. `MetaMark` and the log have it too |
/// | 80 | 8 | the transaction ID of the first record of the log after the state |
/// | 88 | 8 | where the data file lay, a hint: see `CacheHint` |
/// | 128 | 256 | the beginning of LMDB's meta page of the state |
/// | 504 | 8 | XXH64 of the 504 bytes before |
///
/// All numbers are little-endian. Version 1 ends with the capacity.
struct CheckpointRecord: Hashable {
  static let size = 512
  static let metaSize = 256
  private static let magic = Array("LMKVckpt".utf8)
  static let version: UInt32 = 2

  /// Nothing was committed after the state otherwise than by LMDB's own durable commits: there is nothing to recover.
  var isClean: Bool
  var generation: UInt64
  var boot: BootID
  var pageSize: Int
  var transactionID: UInt64
  var redoStart: UInt64
  var redoCapacity: UInt64
  /// 0 in records of version 1.
  var lineage: UInt64
  var nextTransaction: UInt64
  var place: UInt64
  var meta: [UInt8]

  init(
    isClean: Bool,
    generation: UInt64,
    lineage: UInt64,
    hint: CacheHint,
    meta: DataFile.Meta,
    redoStart: UInt64,
    redoCapacity: UInt64,
    nextTransaction: UInt64? = nil
  ) {
    self.isClean = isClean
    self.generation = generation
    self.lineage = lineage
    boot = hint.boot
    place = hint.place
    self.redoStart = redoStart
    self.redoCapacity = redoCapacity
    self.nextTransaction = nextTransaction ?? meta.transactionID &+ 1
    pageSize = meta.pageSize
    transactionID = meta.transactionID
    self.meta = meta.bytes
  }

  var hint: CacheHint {
    get { CacheHint(boot: boot, place: place) }
    set { (boot, place) = (newValue.boot, newValue.place) }
  }

  /// Whether it was written by a version of LMKV whose log does not have every commit.
  var isOfVersion1: Bool { lineage == 0 }

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
    fields.store(lineage, 72)
    fields.store(nextTransaction, 80)
    fields.store(place, 88)
    fields.store(bytes: meta, 128)
    fields.store(XXHash64.hash(fields.bytes[..<504]), 504)
    return fields.bytes
  }

  /// What 512 bytes of the file are.
  enum Reading: Equatable {
    /// Never written.
    case absent
    case record(CheckpointRecord)
    /// Written by a newer version of LMKV.
    case newer(version: UInt32)
    /// Something else, such as a record with a changed bit.
    case damaged
  }

  static func read(_ bytes: [UInt8]) -> Reading {
    if bytes.allSatisfy({ $0 == 0 }) { return .absent }
    guard bytes.count == size else { return .damaged }
    let fields = ByteFields(bytes)
    guard fields.slice(0, 8) == magic, fields.load(504) == XXHash64.hash(bytes[..<504]) else { return .damaged }
    let found: UInt32 = fields.load(8)
    guard found <= version else { return .newer(version: found) }
    guard found >= 1, let record = CheckpointRecord(fields, isFirstVersion: found == 1) else { return .damaged }
    return .record(record)
  }

  /// Nil where a number is beyond what any store has: a right checksum proves nothing of the one who wrote it.
  private init?(_ fields: ByteFields, isFirstVersion: Bool) {
    isClean = fields.load(12, as: UInt32.self) & 1 == 1
    generation = fields.load(16)
    boot = BootID(high: fields.load(24), low: fields.load(32))
    pageSize = Int(fields.load(40, as: UInt32.self))
    transactionID = fields.load(48)
    redoStart = fields.load(56)
    redoCapacity = fields.load(64)
    lineage = isFirstVersion ? 0 : fields.load(72)
    nextTransaction = isFirstVersion ? transactionID &+ 1 : fields.load(80)
    place = isFirstVersion ? 0 : fields.load(88)
    meta = fields.slice(128, Self.metaSize)
    let limit: UInt64 = 1 << 62
    guard [generation, redoStart, nextTransaction].allSatisfy({ $0 < limit }), redoCapacity <= 1 << 40,
      isFirstVersion || lineage != 0, let state = DataFile.Meta(copy: meta), state.transactionID == transactionID,
      state.pageSize == pageSize
    else { return nil }
  }
}
