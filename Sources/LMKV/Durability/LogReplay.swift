internal import LMDB
internal import LMDBPlatform
internal import Logging

/// Repeats what the log has after a checkpoint, in large transactions, with a checkpoint after each, so that the data file
/// hardly grows: pages that one batch has freed are used again by the one after the next.
struct LogReplay {
  /// So many bytes of the log are repeated in one transaction, at most.
  private static let batchBytes: UInt64 = 4 << 20
  /// And so many transactions of it.
  private static let batchRecords = 16_384
  /// Revisions that were given out and lost must not come again. A log has not as many transactions.
  private static let revisionGap: UInt64 = 1 << 20

  private let checkpoint: CheckpointRecord
  private let log: LogScan
  private let data: DataFile
  private let recovery: Recovery
  private let now: CacheHint
  private let marks: MetaMarks

  init(
    _ checkpoint: CheckpointRecord,
    _ log: LogScan,
    _ data: DataFile,
    _ recovery: Recovery,
    _ now: CacheHint
  ) throws(LMDBError) {
    self.checkpoint = checkpoint
    self.log = log
    self.data = data
    self.recovery = recovery
    self.now = now
    marks = try MetaMarks(data, pageSize: checkpoint.pageSize, isMapped: false)
  }

  /// - Returns: how many transactions were repeated, and the state that is reached, whose pages are on the disk.
  func run(skipsRevisions: Bool) throws(LMDBError) -> (count: Int, last: CheckpointRecord) {
    let positions = Self.positions(log, after: checkpoint)
    let size = min(
      Int(clamping: DataFile.Meta(copy: checkpoint.meta)?.mapSize ?? 0),
      recovery.options.maxSize ?? .max
    )
    var reached = checkpoint
    var (done, durable) = (0, checkpoint.generation)
    // Where even one transaction does not fit, the limit that the store has must give.
    for mapSize in [size, 2 * size] {
      let environment = try open(mapSize)
      do throws(LMDBError) {
        try repeatAll(positions, environment, &done, &reached, &durable, skipsRevisions: skipsRevisions)
        break
      } catch {
        guard error.code == .mapFull, mapSize == size else { throw error }
      }
    }
    reached.isClean = true
    reached.hint = now
    // In the other slot than the last one that was written.
    reached.generation = durable + 1
    if checkpoint.isOfVersion1 { reached.lineage = Lineage.random() }
    return (positions.count, reached)
  }

  /// Where the transactions begin that follow on the checkpoint and on one another.
  static func positions(_ log: LogScan, after checkpoint: CheckpointRecord) -> [UInt64] {
    var positions: [UInt64] = []
    var next = checkpoint.nextTransaction
    log.forEach(from: checkpoint.redoStart) { (record) throws(Never) in
      guard record.kind == .transaction else { return true }
      // A gap would be a commit that was never in the log.
      guard record.transactionID == next else { return false }
      positions.append(record.position)
      next += 1
      return true
    }
    return positions
  }

  private func open(_ mapSize: Int) throws(LMDBError) -> Environment {
    var configuration = Environment.Configuration()
    configuration.maxSize = max(mapSize, try data.file.size + 1 << 20)
    configuration.sync = .unsafeNone
    configuration.fileMode = recovery.options.fileMode
    configuration.allowsNetworkFileSystem = true
    // One thread writes; so many named DBs are more than any store has open.
    configuration.maxDatabases = 16_384
    return try Environment.openPrivately(recovery.paths.directory, configuration)
  }

  private func repeatAll(
    _ positions: [UInt64],
    _ environment: Environment,
    _ done: inout Int,
    _ reached: inout CheckpointRecord,
    _ durable: inout UInt64,
    skipsRevisions: Bool
  ) throws(LMDBError) {
    if positions.isEmpty, skipsRevisions { reached = try skipRevisions(environment, reached) }
    // Where there are no checkpoints in between, the pages of the first one must stay throughout.
    let first = checkpoint.isOfVersion1 ? try environment.beginPin() : nil
    defer { if let first { environment.endPin(first) } }
    var limit = Self.batchRecords
    while done < positions.count {
      var end = done + 1
      while end < positions.count, end - done < limit, positions[end] - positions[done] < Self.batchBytes { end += 1 }
      // As long as it is there LMDB uses no page of the checkpoint again.
      let pin = try environment.beginPin()
      defer { environment.endPin(pin) }
      do throws(LMDBError) {
        let isLast = end == positions.count
        let gap = isLast && skipsRevisions ? Self.revisionGap : 0
        let position = try repeatBatch(from: positions[done], count: end - done, gap, environment)
        let record = try newestState(environment, reached, redoStart: position, next: UInt64(end))
        // After the last one the store is clean.
        if !isLast, try makeCheckpoint(record, environment) {
          durable = record.generation
          recovery.options.logger.info(
            "A recovery goes on.",
            metadata: [
              "store": "\(recovery.paths.directory)", "repeated": "\(end)", "of": "\(positions.count)",
            ]
          )
        }
        reached = record
        done = end
      } catch {
        // A smaller transaction needs less room, and what it frees serves the next one but one.
        guard error.isWantOfRoom, end - done > 1 else { throw error }
        limit = max(1, (end - done) / 4)
      }
    }
  }

  /// - Returns: where the log goes on.
  private func repeatBatch(
    from start: UInt64,
    count: Int,
    _ revisionGap: UInt64,
    _ environment: Environment
  ) throws(LMDBError) -> UInt64 {
    let writing = try environment.beginWrite()
    var databases = ReplayedDatabases()
    var left = count
    var head = Head(revision: 0, generation: 0)
    let end = try log.forEach(from: start) { (record) throws(LMDBError) in
      guard left > 0 else { return false }
      guard record.kind == .transaction else { return true }
      left -= 1
      try databases.apply(record, writing)
      head = Head(revision: record.revision, generation: record.generation)
      return true
    }
    head.revision += revisionGap
    try commit(head, writing)
    return end
  }

  private func commit(_ head: Head, _ writing: consuming WriteTransaction) throws(LMDBError) {
    let id = writing.id
    unsafe try head.write(writing.raw)
    try marks.begin(id, synced: 0, images: 0)
    try writing.commit(.unsafeNone)
    guard marks.end(id) else { throw LMDBError(.init(rawValue: EIO), "write \(recovery.paths.data)") }
  }

  /// The newest state, whose pages are on the disk now.
  ///
  /// - Parameter next: how many transactions of the log it has.
  private func newestState(
    _ environment: Environment,
    _ former: CheckpointRecord,
    redoStart: UInt64,
    next: UInt64
  ) throws(LMDBError) -> CheckpointRecord {
    try environment.sync()
    guard let meta = try data.newestMeta() else { throw LMDBError(.corrupted, "read \(recovery.paths.data)") }
    // As long as the log was not wholly repeated the kernel does not have everything.
    return CheckpointRecord(
      isClean: false,
      generation: former.generation + 1,
      lineage: former.lineage,
      hint: .none,
      meta: meta,
      redoStart: redoStart,
      redoCapacity: former.redoCapacity,
      nextTransaction: checkpoint.nextTransaction + next
    )
  }

  /// Makes a state the one that a recovery of this recovery begins with.
  ///
  /// - Returns: false where that cannot be: of a log of version 1 there is none in the middle, which could not say what version
  ///   the log has.
  private func makeCheckpoint(_ record: CheckpointRecord, _ environment: Environment) throws(LMDBError) -> Bool {
    guard !checkpoint.isOfVersion1 else { return false }
    try marks.set(lineage: record.lineage, generation: record.generation, base: record.transactionID)
    try environment.sync()
    let file = try CheckpointFile(recovery.paths.checkpoint, mode: recovery.options.fileMode, creates: true)
    try file.write(record)
    try file.file.sync()
    return true
  }

  private func skipRevisions(
    _ environment: Environment,
    _ former: CheckpointRecord
  ) throws(LMDBError) -> CheckpointRecord {
    let pin = try environment.beginPin()
    defer { environment.endPin(pin) }
    let writing = try environment.beginWrite()
    guard var head = unsafe try Head.read(writing.raw) else { return former }
    head.revision += Self.revisionGap
    try commit(head, writing)
    return try newestState(environment, former, redoStart: former.redoStart, next: 0)
  }
}

/// The named databases that records of the log speak of, open in one transaction.
private struct ReplayedDatabases {
  private var numbers: [[UInt8]: UInt32] = [:]
  /// The last names, and the numbers that they stand for: most transactions change the same databases.
  private var last: (names: [UInt8], numbers: [UInt32]) = ([], [])

  mutating func apply(_ record: RedoRecord, _ writing: borrowing WriteTransaction) throws(LMDBError) {
    let databases = unsafe try open(record.names, writing)
    let raw = unsafe writing.raw
    var reader = unsafe ChangeReader(record.changes)
    while let change = unsafe reader.next() {
      guard unsafe change.database < databases.count else { throw Self.unreadable }
      let database = unsafe databases[change.database]
      switch unsafe change.kind {
      case .put: unsafe try raw.put(change.value, for: change.key, in: database)
      case .delete: _ = unsafe try raw.delete(change.key, in: database)
      case .empty: unsafe try raw.empty(database)
      }
    }
    guard unsafe reader.isAtEnd else { throw Self.unreadable }
  }

  private mutating func open(
    _ names: UnsafeRawBufferPointer,
    _ writing: borrowing WriteTransaction
  ) throws(LMDBError) -> [UInt32] {
    if unsafe names.elementsEqual(last.names) { return last.numbers }
    var found: [UInt32] = []
    for bytes in unsafe [UInt8](names).dropLast().split(separator: 0, omittingEmptySubsequences: false).map({
      [UInt8]($0)
    }) {
      if let number = numbers[bytes] {
        found.append(number)
      } else {
        let number = try writing.createDatabase(String(decoding: bytes, as: UTF8.self)).number
        numbers[bytes] = number
        found.append(number)
      }
    }
    last = unsafe ([UInt8](names), found)
    return found
  }

  private static var unreadable: LMDBError { LMDBError(.corrupted, "repeat the redo log") }
}

extension LMDBError {
  /// Whether a call of the system failed, and not a check of ours or of LMDB's.
  var isOfSystem: Bool { code.rawValue > 0 }

  /// Whether there was no room: on the disk, or in the size that the store may have.
  var isWantOfRoom: Bool {
    code == .mapFull || code == .transactionFull || [ENOSPC, EDQUOT, EFBIG].contains(code.rawValue)
  }
}
