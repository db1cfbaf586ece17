/// What LMKV notes beside LMDB's own fields in a meta page, in bytes that LMDB never looks at nor writes.
///
/// | offset in the page | bytes | what |
/// |---|---|---|
/// | 256 | 8 | "LMKVmark"; "LMKVback" while a recovery puts pages back; or zeros where the file needs no checkpoint |
/// | 264 | 8 | lineage, as in the checkpoint |
/// | 272 | 8 | generation of the newest checkpoint |
/// | 280 | 8 | LMDB's transaction ID of that checkpoint |
/// | 288 | 8 | the transaction of ours that is about to be committed into this meta page, or was |
/// | 296 | 8 | the transaction of ours that was committed into it last |
/// | 304 | 8 | how far the log was on the disk then |
/// | 312 | 8 | how many page images of the checkpoint were on the disk then |
///
/// It lies in the same sector as LMDB's fields, so that a disk has both as they were at one moment. That is the evidence of
/// who made the newest commit: LMKV's unsynced commits come with the mark, those of other programs do not, and their
/// data is on the disk. The numbers change one by one; each by itself is right at every moment.
struct MetaMark: Hashable {
  static let offset = 256
  static let size = 64
  private static let magic: UInt64 = 0x6B72_616D_564B_4D4C
  private static let restoringMagic: UInt64 = 0x6B63_6162_564B_4D4C

  /// Whether a recovery has begun to put pages back: until it is done, the file is a mixture of two states.
  var isRestoring = false
  var lineage: UInt64
  var generation: UInt64
  var base: UInt64
  var begun: UInt64 = 0
  var done: UInt64 = 0
  var synced: UInt64 = 0
  var images: UInt64 = 0

  /// The places of the numbers that each commit changes.
  enum Field {
    static let begun = 32
    static let done = 40
    static let synced = 48
    static let images = 56
  }

  /// Nil where there is no mark.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    let fields = ByteFields(bytes)
    let magic: UInt64 = fields.load(0)
    guard magic == Self.magic || magic == Self.restoringMagic else { return nil }
    isRestoring = magic == Self.restoringMagic
    lineage = fields.load(8)
    generation = fields.load(16)
    base = fields.load(24)
    begun = fields.load(Field.begun)
    done = fields.load(Field.done)
    synced = fields.load(Field.synced)
    images = fields.load(Field.images)
    guard [generation, base, begun, done, synced, images].allSatisfy({ $0 < 1 << 62 }) else { return nil }
  }

  init(lineage: UInt64, generation: UInt64, base: UInt64) {
    self.lineage = lineage
    self.generation = generation
    self.base = base
  }

  var bytes: [UInt8] {
    var fields = ByteFields(count: Self.size)
    fields.store(isRestoring ? Self.restoringMagic : Self.magic, 0)
    fields.store(lineage, 8)
    fields.store(generation, 16)
    fields.store(base, 24)
    fields.store(begun, Field.begun)
    fields.store(done, Field.done)
    fields.store(synced, Field.synced)
    fields.store(images, Field.images)
    return fields.bytes
  }
}
