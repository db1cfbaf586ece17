/// One committed transaction of LMDB in the redo log: what it wrote and deleted, and what the head record said then.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 4 | "LMKR" |
/// | 4 | 4 | kind: 1 = a transaction, 2 = nothing, to fill up the end of the file |
/// | 8 | 8 | length of the record, a multiple of 8 |
/// | 16 | 8 | position of the record in the log |
/// | 24 | 8 | LMDB's transaction ID |
/// | 32 | 8 | revision of the store after it |
/// | 40 | 8 | generation of the catalog after it |
/// | 48 | 8 | time of the commit, in milliseconds since 1970 |
/// | 56 | 4 | length of the names |
/// | 60 | 4 | length of the changes |
/// | 64 | 8 | XXH64 of the record, these 8 bytes being zero |
/// | 72 | | the names of the databases, each with a zero byte behind it, then the changes as of `ChangeRecorder` |
///
/// All numbers are little-endian.
struct RedoRecord {
  static let headSize = 72
  static let magic: UInt32 = 0x524B_4D4C
  static let transactionKind: UInt32 = 1
  static let fillerKind: UInt32 = 2

  let transactionID: UInt64
  let revision: UInt64
  let generation: UInt64
  let databases: [String]
  let changes: [UInt8]
  /// Where the next record begins.
  let end: UInt64
}

extension RedoRecord {
  /// The length that a head announces, if it is the head of a record at this position.
  static func length(_ head: [UInt8], at position: UInt64) -> Int? {
    let fields = ByteFields(head)
    guard head.count == headSize, fields.load(0) == magic, fields.load(16) == position else { return nil }
    let length: UInt64 = fields.load(8)
    guard length >= headSize, length % 8 == 0, length < 1 << 40 else { return nil }
    return Int(length)
  }

  static func isFiller(_ head: [UInt8]) -> Bool {
    ByteFields(head).load(4) == fillerKind
  }

  /// Nil when the record is not whole.
  init?(_ bytes: [UInt8], at position: UInt64) {
    var fields = ByteFields(bytes)
    let hash: UInt64 = fields.load(64)
    fields.store(UInt64(0), 64)
    guard fields.load(4) == Self.transactionKind, XXHash64.hash(fields.bytes[...]) == hash else { return nil }
    let (names, changes) = (Int(fields.load(56, as: UInt32.self)), Int(fields.load(60, as: UInt32.self)))
    guard Self.headSize + names + changes <= bytes.count else { return nil }
    transactionID = fields.load(24)
    revision = fields.load(32)
    generation = fields.load(40)
    databases = fields.slice(Self.headSize, names).dropLast().split(separator: 0, omittingEmptySubsequences: false).map
    { String(decoding: $0, as: UTF8.self) }
    self.changes = fields.slice(Self.headSize + names, changes)
    end = position + UInt64(bytes.count)
  }
}
