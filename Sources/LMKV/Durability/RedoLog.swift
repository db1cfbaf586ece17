internal import LMDB
internal import LMDBPlatform

/// The file `redo`: what was committed after the newest checkpoint, for whoever opens a store that nobody closed.
///
/// A position counts all bytes that were ever written to the log; its place in the file is what is left of it after
/// division by the capacity, behind a first page that stays empty. The file has all its blocks from the beginning, and
/// is written over and over, so that a sync brings data to the disk and nothing else.
///
/// Records of relaxed commits are written through memory, which costs them no system call; those of durable ones with
/// `pwrite`, since the sync that follows at once takes three times as long for what was written through memory.
// All but `sync` is used only by the thread that has the turn to write. The memory is unmapped with the object.
@safe final class RedoLog: @unchecked Sendable {
  static let start = 4_096

  private let file: StoreFile
  private let mayMap: Bool
  private var memory: UnsafeMutableRawBufferPointer = unsafe .init(start: nil, count: 0)
  private var scratch: UnsafeMutableRawBufferPointer = .allocate(byteCount: 4_096, alignment: 8)
  /// The last names of databases, as they stand in a record, and of which databases they are.
  private var names: (databases: [UInt32], bytes: [UInt8]) = ([], [])

  init(_ path: String, mode: UInt32, mayMap: Bool) throws(LMDBError) {
    file = try StoreFile(path, O_RDWR | O_CREAT, mode: mode)
    self.mayMap = mayMap && file.keepsBlocks
  }

  deinit {
    unmap()
    unsafe scratch.deallocate()
  }

  /// Gives the file its blocks, durably. Under the turn: what is behind the end of the file now may be in use a moment later.
  func prepare(capacity: UInt64, _ state: SharedState) throws(LMDBError) {
    let end = Self.start + Int(capacity)
    let size = try file.size
    guard size < end else { return }
    // Written, not only allocated: a block that was never written would be marked as such at its first sync.
    let zeros = [UInt8](repeating: 0, count: 1 << 18)
    do throws(LMDBError) {
      var offset = size
      while offset < end {
        let length = min(zeros.count, end - offset)
        try unsafe zeros.span.bytes.extracting(..<length).withUnsafeBytes { (bytes) throws(LMDBError) in
          unsafe try file.write(bytes, at: offset)
        }
        offset += length
      }
    } catch {
      // What it got of the room is others' again. It is of no use here, should that fail, too.
      _ = ftruncate(file.descriptor, off_t(size))
      throw error
    }
    try state.syncing { () throws(LMDBError) in
      while fsync(file.descriptor) != 0 {
        guard errno == EINTR else { throw LMDBError(.init(rawValue: errno), "sync \(file.path)") }
      }
    }
  }

  func sync() throws(LMDBError) {
    try file.sync()
  }

  /// Gives all blocks of the file back. Under the turn, when nobody needs the log; memory of it that others have is not used
  /// before the blocks are there again.
  ///
  /// - Returns: false when that failed.
  func release() -> Bool {
    unmap()
    return ftruncate(file.descriptor, 0) == 0
  }

  // MARK: Writing

  /// What a commit puts into the log beside its changes.
  struct Commit {
    let transactionID: UInt64
    let revision: UInt64
    let generation: UInt64
    let synced: UInt64
    let images: UInt64
  }

  /// The length of a record.
  static func length(_ changes: ChangeRecorder, names: [UInt8]) -> UInt64 {
    UInt64((RedoRecord.headSize + names.count + changes.count + 7) & ~7)
  }

  /// The names of the databases that were changed, as a record has them. Nil when one is not known.
  func names(of databases: [UInt32], _ environment: Environment) -> [UInt8]? {
    if names.databases == databases { return names.bytes }
    var bytes: [UInt8] = []
    for database in databases {
      guard let name = environment.databaseName(database) else { return nil }
      bytes.append(contentsOf: name.utf8)
      bytes.append(0)
    }
    names = (databases, bytes)
    return bytes
  }

  /// Forgets names: numbers may be others' now.
  func forgetNames() {
    names = ([], [])
  }

  /// Where a record of this length that follows on a position begins: not across the end of the file.
  static func place(_ length: UInt64, after position: UInt64, capacity: UInt64) -> UInt64 {
    let rest = capacity - position % capacity
    return length <= rest ? position : position + rest
  }

  /// Writes the record of a commit. It is nobody's yet.
  ///
  /// - Returns: where the record begins, and where the next one does.
  func write(
    _ commit: Commit,
    _ changes: ChangeRecorder,
    names: [UInt8],
    after position: UInt64,
    capacity: UInt64,
    lineage: UInt64,
    isForSync: Bool
  ) throws(LMDBError) -> Range<UInt64> {
    let length = Self.length(changes, names: names)
    let place = Self.place(length, after: position, capacity: capacity)
    try fillUp(from: position, to: place, capacity, lineage)
    let offset = Self.start + Int(place % capacity)
    let isDirect = !isForSync && map(capacity)
    let room = unsafe isDirect ? memory : scratch(Int(length))
    let start = isDirect ? offset : 0
    let record = unsafe UnsafeMutableRawBufferPointer(rebasing: room[start..<start + Int(length)])
    unsafe RedoRecord.writeHead(
      record,
      .transaction,
      position: place,
      length: length,
      names: names.count,
      changes: changes.count,
      transaction: commit.transactionID,
      revision: commit.revision,
      generation: commit.generation,
      synced: commit.synced,
      images: commit.images
    )
    var end = RedoRecord.headSize
    unsafe names.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(rebasing: record[end...]).copyMemory(from: $0) }
    end += names.count
    unsafe changes.withBytes { unsafe UnsafeMutableRawBufferPointer(rebasing: record[end...]).copyMemory(from: $0) }
    end += changes.count
    while end < record.count {
      unsafe record[end] = 0
      end += 1
    }
    unsafe RedoRecord.seal(record, lineage: lineage)
    if !isDirect { try unsafe file.write(UnsafeRawBufferPointer(record), at: offset) }
    return place..<place + length
  }

  /// Writes the record with which the log of a checkpoint begins.
  ///
  /// - Returns: where the next one begins.
  func writeAnchor(
    generation: UInt64,
    transaction: UInt64,
    after position: UInt64,
    capacity: UInt64,
    lineage: UInt64
  ) throws(LMDBError) -> UInt64 {
    let length = UInt64(RedoRecord.headSize)
    let place = Self.place(length, after: position, capacity: capacity)
    try fillUp(from: position, to: place, capacity, lineage)
    try writeHead(.anchor, at: place, length: length, capacity, lineage, transaction, generation)
    return place + length
  }

  /// Makes a record one that nobody takes for any: its commit has failed.
  func void(_ position: UInt64, capacity: UInt64) throws(LMDBError) {
    let place = Self.start + Int(position % capacity)
    do throws(LMDBError) {
      try file.write([UInt8](repeating: 0, count: RedoRecord.headSize), at: place)
    } catch {
      // A process that may not write so far into a file (RLIMIT_FSIZE) has written the record through memory.
      guard map(capacity) else { throw error }
      for offset in place..<place + RedoRecord.headSize { unsafe memory[offset] = 0 }
    }
  }

  /// Says of what is left at the end of the file that it has no record, where that needs to be said.
  private func fillUp(from position: UInt64, to place: UInt64, _ capacity: UInt64, _ lineage: UInt64) throws(LMDBError)
  {
    guard place - position >= UInt64(RedoRecord.headSize) else { return }
    try writeHead(.filler, at: position, length: place - position, capacity, lineage)
  }

  private func writeHead(
    _ kind: RedoRecord.Kind,
    at position: UInt64,
    length: UInt64,
    _ capacity: UInt64,
    _ lineage: UInt64,
    _ transaction: UInt64 = 0,
    _ revision: UInt64 = 0
  ) throws(LMDBError) {
    let head = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch(RedoRecord.headSize)[..<RedoRecord.headSize])
    unsafe RedoRecord.writeHead(
      head,
      kind,
      position: position,
      length: length,
      transaction: transaction,
      revision: revision
    )
    unsafe RedoRecord.seal(head, lineage: lineage)
    try unsafe file.write(UnsafeRawBufferPointer(head), at: Self.start + Int(position % capacity))
  }

  // MARK: Memory

  private func scratch(_ size: Int) -> UnsafeMutableRawBufferPointer {
    // One large record does not keep its memory.
    if unsafe size > scratch.count || (scratch.count > 1 << 20 && size < 1 << 18) {
      unsafe scratch.deallocate()
      unsafe scratch = .allocate(byteCount: max(4_096, size), alignment: 8)
    }
    return unsafe scratch
  }

  /// Whether the log can be written through memory.
  private func map(_ capacity: UInt64) -> Bool {
    let size = Self.start + Int(capacity)
    guard mayMap else { return false }
    if unsafe memory.count == size { return true }
    unmap()
    do throws(LMDBError) {
      // Every block was written before anything is recorded there. Somebody may have cut the file short since.
      guard try file.size >= size else { return false }
      unsafe memory = .init(start: try file.map(size), count: size)
      return true
    } catch {
      // Without address space there are still system calls.
      return false
    }
  }

  private func unmap() {
    guard let start = unsafe memory.baseAddress else { return }
    _ = unsafe munmap(start, memory.count)
    unsafe memory = .init(start: nil, count: 0)
  }
}
