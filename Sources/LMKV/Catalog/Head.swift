internal import LMDB

/// The store's counters: 24 bytes in LMDB's main database, which each commit rewrites and each transaction reads.
///
/// They are not in the named DB `lmkv` because that would cost each commit one more page (0.5 of 3.3 us) and each
/// snapshot one more look-up. The key begins with a zero byte, so that LMDB's tools take it for no named DB. What a
/// dump loses with it is made good from `lmkv`; see ``Metadata``.
struct Head {
  /// The revision of the latest committed transaction.
  var revision: UInt64
  /// Raised whenever the catalog changes.
  var generation: UInt64
  /// LMDB's transaction ID of the latest commit that LMKV made: evidence of whose commit that was, since other programs
  /// leave it as it is. Nil where such a program has written a shorter head, or version 1 has.
  var stamp: UInt64?

  static let database: UInt32 = 1
  private static let size = 24
  private static let key: StaticString = "\0lmkv"

  /// The same as bytes of one's own.
  static let keyBytes = Array("\0lmkv".utf8)

  /// Nil where the environment has no head: it is new, was loaded from a dump, or belongs to somebody else.
  @inline(__always)
  static func read(_ transaction: RawTransaction) throws(LMDBError) -> Head? {
    guard let bytes = unsafe try transaction.get(keyPointer, in: database) else { return nil }
    return unsafe Head(bytes)
  }

  /// The head out of its record.
  init?(_ bytes: [UInt8]) {
    guard let head = unsafe bytes.withUnsafeBytes({ unsafe Head($0) }) else { return nil }
    self = head
  }

  init(revision: UInt64, generation: UInt64) {
    self.revision = revision
    self.generation = generation
  }

  /// Version 1 wrote 16 bytes.
  @inline(__always)
  private init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 16 else { return nil }
    revision = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    generation = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    guard bytes.count >= Self.size else { return }
    stamp = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
  }

  /// Writes the head as that of the transaction that writes it.
  @inline(__always)
  func write(_ transaction: RawTransaction) throws(LMDBError) {
    let room = unsafe try transaction.reserve(Self.size, for: Self.keyPointer, in: Self.database)
    unsafe room.storeBytes(of: revision.bigEndian, toByteOffset: 0, as: UInt64.self)
    unsafe room.storeBytes(of: generation.bigEndian, toByteOffset: 8, as: UInt64.self)
    unsafe room.storeBytes(of: transaction.id.bigEndian, toByteOffset: 16, as: UInt64.self)
  }

  private static var keyPointer: UnsafeRawBufferPointer {
    // A literal's bytes live as long as the program.
    unsafe UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
  }
}
