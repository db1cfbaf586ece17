/// One committed transaction of LMDB in the redo log: what it wrote and deleted, and what the head record said then. Or an
/// anchor, with which the log of a checkpoint begins.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 4 | "LMR2" |
/// | 4 | 4 | kind: 1 = a transaction, 2 = nothing, to fill up the end of the file, 3 = an anchor |
/// | 8 | 8 | position of the record in the log |
/// | 16 | 8 | length of the record, a multiple of 8 |
/// | 24 | 4 | length of the names |
/// | 28 | 4 | length of the changes |
/// | 32 | 8 | LMDB's transaction ID |
/// | 40 | 8 | revision of the store after it; of an anchor, the generation of the checkpoint |
/// | 48 | 8 | generation of the catalog after it |
/// | 56 | 8 | how far the log was on the disk when this was written |
/// | 64 | 8 | XXH64, with the lineage as seed, of the head with the XXH64 of the rest in this place |
/// | 72 | 8 | how many page images of its checkpoint were on the disk then |
/// | 80 | | the names of the databases, each with a zero byte behind it, then the changes as of `ChangeRecorder` |
///
/// All numbers are little-endian. A filler is its head, whatever its length.
// It is lent to closures together with the bytes that it speaks of, which do not change meanwhile.
@safe struct RedoRecord {
  static let headSize = 80
  static let magic: UInt32 = 0x3252_4D4C

  enum Kind: UInt32 {
    case transaction = 1
    case filler = 2
    case anchor = 3
  }

  /// The places of the numbers.
  enum Field {
    static let kind = 4
    static let position = 8
    static let length = 16
    static let names = 24
    static let changes = 28
    static let transaction = 32
    static let revision = 40
    static let generation = 48
    static let synced = 56
    static let hash = 64
    static let images = 72
  }

  let kind: Kind
  let position: UInt64
  let transactionID: UInt64
  let revision: UInt64
  let generation: UInt64
  let synced: UInt64
  let images: UInt64
  /// The names of the databases, each with a zero byte behind it.
  let names: UnsafeRawBufferPointer
  let changes: UnsafeRawBufferPointer
  /// Where the next record begins.
  let end: UInt64
}

extension RedoRecord {
  /// The record at the beginning of some bytes, which stay where they are. Nil when it is not whole, of another place, or of
  /// another lineage.
  init?(_ bytes: UnsafeRawBufferPointer, at position: UInt64, lineage: UInt64) {
    guard bytes.count >= Self.headSize else { return nil }
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) -> T {
      // Every offset lies within the head.
      unsafe T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    guard load(0) == Self.magic, let kind = Kind(rawValue: load(Field.kind)), load(Field.position) == position else {
      return nil
    }
    let length: UInt64 = load(Field.length)
    guard length >= UInt64(Self.headSize), length % 8 == 0, length <= UInt64(bytes.count), position < 1 << 62 else {
      return nil
    }
    let hashed = kind == .filler ? Self.headSize : Int(length)
    let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<hashed])
    guard unsafe Self.hash(body, lineage: lineage) == load(Field.hash) else { return nil }
    let names = Int(load(Field.names, as: UInt32.self))
    let changes = Int(load(Field.changes, as: UInt32.self))
    guard kind == .filler || Self.headSize + names + changes <= hashed else { return nil }
    self.kind = kind
    self.position = position
    transactionID = load(Field.transaction)
    revision = load(Field.revision)
    generation = load(Field.generation)
    synced = load(Field.synced)
    images = load(Field.images)
    let namesEnd = kind == .filler ? Self.headSize : Self.headSize + names
    let changesEnd = kind == .filler ? Self.headSize : namesEnd + changes
    unsafe self.names = UnsafeRawBufferPointer(rebasing: bytes[Self.headSize..<namesEnd])
    unsafe self.changes = UnsafeRawBufferPointer(rebasing: bytes[namesEnd..<changesEnd])
    end = position + length
  }

  /// The checksum of a record, whose own place for it may have anything.
  private static func hash(_ record: UnsafeRawBufferPointer, lineage: UInt64) -> UInt64 {
    // The head is copied, so that what is only read is not changed.
    unsafe withUnsafeTemporaryAllocation(byteCount: headSize, alignment: 8) { head in
      unsafe head.copyMemory(from: UnsafeRawBufferPointer(rebasing: record[..<headSize]))
      let body = unsafe XXHash64.hash(UnsafeRawBufferPointer(rebasing: record[headSize...]))
      unsafe head.storeBytes(of: body.littleEndian, toByteOffset: Field.hash, as: UInt64.self)
      return unsafe XXHash64.hash(UnsafeRawBufferPointer(head), seed: lineage)
    }
  }

  /// Completes the head of a record that has everything else.
  static func seal(_ record: UnsafeMutableRawBufferPointer, lineage: UInt64) {
    let hash = unsafe hash(UnsafeRawBufferPointer(record), lineage: lineage)
    unsafe record.storeBytes(of: hash.littleEndian, toByteOffset: Field.hash, as: UInt64.self)
  }

  /// Writes everything but the checksum.
  static func writeHead(
    _ record: UnsafeMutableRawBufferPointer,
    _ kind: Kind,
    position: UInt64,
    length: UInt64,
    names: Int = 0,
    changes: Int = 0,
    transaction: UInt64 = 0,
    revision: UInt64 = 0,
    generation: UInt64 = 0,
    synced: UInt64 = 0,
    images: UInt64 = 0
  ) {
    func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
      // Every offset lies within the head.
      unsafe record.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
    store(magic, 0)
    store(kind.rawValue, Field.kind)
    store(position, Field.position)
    store(length, Field.length)
    store(UInt32(clamping: names), Field.names)
    store(UInt32(clamping: changes), Field.changes)
    store(transaction, Field.transaction)
    store(revision, Field.revision)
    store(generation, Field.generation)
    store(synced, Field.synced)
    store(images, Field.images)
  }
}
