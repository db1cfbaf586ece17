internal import LMDB
internal import LMDBPlatform
internal import Synchronization

/// The marks in the two meta pages of a data file that is in use. Changed by whoever has the turn to write.
///
/// Through memory where the file system keeps what is mapped like this: a commit changes them twice, and a system call
/// each time would cost it a fifth. Elsewhere with system calls.
// `base` and what is `let` never change, the memory is written by atomic stores alone, and unmapped with the object.
@safe final class MetaMarks: @unchecked Sendable {
  private let file: StoreFile
  private let pageSize: Int
  private let base: UnsafeMutableRawPointer?

  init(_ data: DataFile, pageSize: Int, isMapped: Bool) throws(LMDBError) {
    file = data.file
    self.pageSize = pageSize
    unsafe base = isMapped ? try data.file.map(2 * pageSize) : nil
  }

  deinit {
    if let base = unsafe base { unsafe munmap(base, 2 * pageSize) }
  }

  /// Notes that a transaction is about to be committed.
  @inline(__always)
  func begin(_ transaction: UInt64, synced: UInt64, images: UInt64) throws(LMDBError) {
    if unsafe base == nil {
      try store([synced, images], MetaMark.Field.synced, of: transaction)
      try store([transaction], MetaMark.Field.begun, of: transaction)
      return
    }
    setWord(synced, MetaMark.Field.synced, of: transaction)
    setWord(images, MetaMark.Field.images, of: transaction)
    setWord(transaction, MetaMark.Field.begun, of: transaction)
  }

  /// Notes that it was.
  ///
  /// - Returns: false when that failed.
  @inline(__always)
  func end(_ transaction: UInt64) -> Bool {
    if unsafe base == nil {
      return (try? store([transaction], MetaMark.Field.done, of: transaction)) != nil
    }
    setWord(transaction, MetaMark.Field.done, of: transaction)
    return true
  }

  /// Notes how far the log is on the disk. Needs no turn: should the note of somebody else be later, it says less, and
  /// nothing wrong.
  ///
  /// - Returns: false when that failed.
  func noteSync(_ position: UInt64) -> Bool {
    if unsafe base == nil { return (try? store([position], MetaMark.Field.synced, of: 0)) != nil }
    setWord(position, MetaMark.Field.synced, of: 0)
    return true
  }

  /// Says which checkpoint the file belongs to. What was noted of transactions up to it stays.
  func set(lineage: UInt64, generation: UInt64, base: UInt64) throws(LMDBError) {
    for slot in 0..<2 {
      let place = slot * pageSize + MetaMark.offset
      var mark = MetaMark(lineage: lineage, generation: generation, base: base)
      if let former = MetaMark(try file.read(MetaMark.size, at: place)) {
        mark.done = former.done
        mark.synced = former.synced
        // One that was begun and never committed, because its process died, is no commit on top of this state.
        mark.begun = former.begun > base ? former.done : former.begun
      }
      try file.write(mark.bytes, at: place)
    }
  }

  /// Says that pages are about to be put back, and that a commit which was begun and is there was ours, as whoever does this has
  /// found: afterwards its pages may be others. The caller syncs before it puts them back.
  func beginRestoring() throws(LMDBError) {
    for found in try DataFile(file).metas() {
      guard var mark = found.mark else { continue }
      mark.isRestoring = true
      if mark.begun == found.meta.transactionID { mark.done = mark.begun }
      try file.write(mark.bytes, at: found.meta.page.slot * pageSize + MetaMark.offset)
    }
  }

  /// As ``set(lineage:generation:base:)``, and that nothing of ours was committed after it.
  func reset(lineage: UInt64, generation: UInt64, base: UInt64) throws(LMDBError) {
    let mark = MetaMark(lineage: lineage, generation: generation, base: base)
    for slot in 0..<2 { try file.write(mark.bytes, at: slot * pageSize + MetaMark.offset) }
  }

  /// Says that the file needs no checkpoint.
  func clear() throws(LMDBError) {
    for slot in 0..<2 {
      try file.write([UInt8](repeating: 0, count: MetaMark.size), at: slot * pageSize + MetaMark.offset)
    }
  }

  private func place(_ transaction: UInt64) -> Int { Int(transaction & 1) * pageSize + MetaMark.offset }

  @inline(__always)
  private func setWord(_ value: UInt64, _ field: Int, of transaction: UInt64) {
    guard let base = unsafe base else { return }
    let word = unsafe (base + place(transaction) + field).assumingMemoryBound(to: Atomic<UInt64>.self)
    unsafe word.pointee.store(value.littleEndian, ordering: .releasing)
  }

  private func store(_ values: [UInt64], _ field: Int, of transaction: UInt64) throws(LMDBError) {
    var fields = ByteFields(count: 8 * values.count)
    for (index, value) in values.enumerated() { fields.store(value, 8 * index) }
    try file.write(fields.bytes, at: place(transaction) + field)
  }
}
