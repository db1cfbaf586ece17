internal import ControlPage
internal import LMDB
internal import LMDBPlatform
internal import Logging

/// Puts a store in order that nobody has open and that nobody has closed: the state of the last checkpoint, and the log on
/// top of it.
///
/// It works on the files alone, before the environment is opened for all, in one that only this thread knows. It can be
/// interrupted at any moment and begins again then: until a new checkpoint counts, the pages of the old one stay.
struct Recovery {
  let paths: StorePaths
  let options: Persistence.Options

  /// What was done to the files.
  enum Outcome: Equatable {
    /// The store is in order, and was before.
    case wasClean
    /// The data file was taken as it was.
    case adopted(String)
    case replayed(transactions: Int)
    /// Nothing was changed, since this process may not: it reads what the kernel still has of everything.
    case leftAsItIs
  }

  /// What is to be done.
  enum Plan: Equatable {
    case nothing
    /// Takes the data file as it is, for a reason.
    case adopt(String)
    case replay(CheckpointRecord)
    /// Nothing, since the files contradict each other, or are damaged.
    case refuse(String)
  }

  /// Looks at the files, and does what follows.
  @discardableResult
  func run(_ work: OpeningWork = .unseen) throws(LMDBError) -> Outcome {
    let evidence = try Evidence(paths)
    switch evidence.verdict {
    case .clean where !options.hadFailedSync: return try settle(evidence)
    case .clean: return try work.during { () throws(LMDBError) in try settle(evidence) }
    case .inDoubt(let doubt): throw refusal(doubt.sentence)
    case .replay, .replayVersion1, .adopt: return try work.during { () throws(LMDBError) in try recover(evidence) }
    }
  }

  private func recover(_ evidence: Evidence) throws(LMDBError) -> Outcome {
    let now = hint
    let isCached = evidence.isCached(now)
    guard mayWrite else {
      if isCached { return .leftAsItIs }
      throw LMDBError(.recoveryNeeded, "open \(paths.directory) without the permission to write it")
    }
    guard let exclusive = try ExclusiveUse(directory: paths.directory) else {
      // Nobody may change the pages under the eyes of another program.
      guard isCached, !options.hadFailedSync else { throw inUseByOthers }
      return try adopt(evidence, now, "another LMDB program has it open")
    }
    defer { withExtendedLifetime(exclusive) {} }
    TrialRestore.removeStray(paths)
    switch try plan(evidence) {
    case .nothing: return .wasClean
    case .refuse(let sentence): throw refusal(sentence)
    case .adopt(let reason): return try adopt(evidence, now, reason)
    case .replay(let record): return try replay(record, now, isCached: isCached)
    }
  }

  /// Brings to the disk that the store is clean, where whoever made it so has died before that was done: it clears the marks
  /// last of all.
  ///
  /// After a failed sync it writes all pages anew in any case. That may have been one of LMDB's own, of a meta page: the disk
  /// may have a newer one than the kernel, which takes its own for written, and the next commit would write over pages of the
  /// newer state.
  private func settle(_ evidence: Evidence) throws(LMDBError) -> Outcome {
    let record = evidence.newestMark == nil ? nil : evidence.checkpoint.newest
    // Where there is no data file yet, there is nothing to write anew.
    guard record != nil || (options.hadFailedSync && evidence.hasData && !options.isReadOnly) else { return .wasClean }
    guard mayWrite else { return .leftAsItIs }
    let data = try DataFile(paths.data, writable: true)
    if options.hadFailedSync {
      // Pages are written under nobody's eyes.
      guard let exclusive = try ExclusiveUse(directory: paths.directory) else { throw inUseByOthers }
      try data.file.writeAnew()
      withExtendedLifetime(exclusive) {}
    }
    try data.file.sync()
    if let record { try writeClean(record, data) }
    return .wasClean
  }

  /// What follows from the evidence. It looks at the pages of the data file where that decides.
  func plan(_ evidence: Evidence) throws(LMDBError) -> Plan {
    switch evidence.verdict {
    case .clean:
      return .nothing
    case .inDoubt(let doubt):
      return .refuse(doubt.sentence)
    case .replay(let record):
      // As long as the kernel has everything, the data file has, too; of the log it may have lost what a sync had failed for.
      if evidence.isCached(hint), evidence.isAheadOfLog(record), try damage() == nil {
        return .adopt("its log has lost the last commits")
      }
      return try replayOrRefuse(record)
    case .replayVersion1(let record):
      // Its log has only what was to be durable: the rest is in the data file, unless the machine was started anew.
      if record.boot.isKnown, record.boot == options.boot { return .adopt("the machine goes on") }
      return try replayOrRefuse(record)
    case .adopt(.perhapsForeign(let record)):
      // Torn pages are none that a program has synced.
      guard let newest = evidence.metas.first?.meta, try damage() == nil, evidence.hasOtherStamp else {
        return try replayOrRefuse(record)
      }
      // As long as the kernel goes on it is only a record whose process has died before it committed.
      let isLogged = evidence.lastLogged(record) >= newest.transactionID
      let isCertain = !isLogged || evidence.isSeen || (evidence.isCached(hint) && !options.hadFailedSync)
      guard !evidence.isRestoring, isCertain else {
        return .refuse(Evidence.Doubt.foreignBranch.sentence)
      }
      return .adopt("another LMDB program has written last")
    case .adopt(.foreignBeforeLast) where !evidence.isCached(hint) || options.hadFailedSync:
      return .refuse(Evidence.Doubt.foreignBranch.sentence)
    case .adopt(let adoption):
      if let damage = try damage() { return .refuse(damage) }
      return .adopt(adoption.sentence)
    }
  }

  private func replayOrRefuse(_ record: CheckpointRecord) throws(LMDBError) -> Plan {
    try hasAllPages(record) ? .replay(record) : .refuse(Evidence.Doubt.shortData.sentence)
  }

  /// Whether the data file is as long as the state of a checkpoint needs it, with the images put back. Judged before anything is
  /// written, since images make a file longer that was cut short.
  private func hasAllPages(_ record: CheckpointRecord) throws(LMDBError) -> Bool {
    guard let meta = DataFile.Meta(copy: record.meta) else { return false }
    let data = try StoreFile(paths.data, O_RDONLY)
    let present = UInt64(try data.size / record.pageSize)
    guard present <= meta.lastPage else { return true }
    var images: [UInt64: [UInt8]] = [:]
    try CheckpointFile.forEachImage(of: record, at: paths.checkpoint) { (_, number, bytes) throws(LMDBError) in
      images[number] = bytes
    }
    return try FileHeader.hasAllPages(of: meta.page, data.descriptor, paths.data, present: present, images: images)
  }

  private var inUseByOthers: LMDBError {
    LMDBError(.recoveryNeeded, "open \(paths.directory) while another LMDB program has it open")
  }

  func refusal(_ sentence: String) -> LMDBError {
    LMDBError(.inDoubt, "open \(paths.directory): \(sentence)")
  }

  var hint: CacheHint { CacheHint(options.boot, of: paths.data) }

  /// Whether the files of the store can be written.
  private var mayWrite: Bool {
    [paths.data, paths.checkpoint].allSatisfy { path in
      let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { return errno == ENOENT }
      _ = close(descriptor)
      return true
    }
  }

  /// What is wrong with the pages of the newest state. Nil when nothing is.
  func damage() throws(LMDBError) -> String? {
    let data = try DataFile(paths.data, writable: false)
    var first: String?
    do {
      _ = try FileCheck.run(
        data.file.descriptor,
        paths.data,
        unsafe .init(finding: { finding in
          // Pages that nobody uses are a loss of room, and of nothing else.
          if finding.kind != .lost { first = first ?? finding.message }
        })
      )
    } catch let error as LMDBError where error.code.rawValue > 0 {
      throw error
    } catch {
      first = "\(error)"
    }
    return first
  }

  // MARK: Taking the data file as it is

  func adopt(_ evidence: Evidence, _ now: CacheHint, _ reason: String) throws(LMDBError) -> Outcome {
    let data = try DataFile(paths.data, writable: true)
    guard let meta = try data.newestMeta() else { throw LMDBError(.invalid, "open \(paths.data)") }
    if options.hadFailedSync { try data.file.writeAnew() }
    try data.file.sync()
    let former = evidence.checkpoint.newest
    let generations = evidence.metas.compactMap(\.mark?.generation) + [former?.generation ?? 0]
    try writeClean(
      CheckpointRecord(
        isClean: true,
        generation: (generations.max() ?? 0) + 1,
        lineage: Lineage.random(),
        hint: now,
        meta: meta,
        redoStart: (former?.redoStart ?? 0) + 2 * (former?.redoCapacity ?? 0),
        redoCapacity: former?.redoCapacity ?? 0
      ),
      data
    )
    options.logger.notice(
      "A store that was not closed was taken as it is: \(reason).",
      metadata: ["store": "\(paths.directory)"]
    )
    return .adopted(reason)
  }

  private func writeClean(_ record: CheckpointRecord, _ data: DataFile) throws(LMDBError) {
    let checkpoint = try CheckpointFile(paths.checkpoint, mode: options.fileMode, creates: true)
    try checkpoint.write(record)
    try checkpoint.file.sync()
    try MetaMarks(data, pageSize: record.pageSize, isMapped: false).clear()
  }

  // MARK: Checkpoint and log

  func replay(
    _ record: CheckpointRecord,
    _ now: CacheHint,
    isCached: Bool
  ) throws(LMDBError) -> Outcome {
    let data = try DataFile(paths.data, writable: true)
    let log = try LogScan(paths.redo, record)
    // What is repeated must not be lost by a power failure in the middle.
    if !log.isEmpty { try StoreFile(paths.redo).sync() }
    try restore(record, data)
    let replay = try LogReplay(record, log, data, self, now)
    let (count, last) = try replay.run(skipsRevisions: !isCached || options.hadFailedSync)
    try writeClean(last, data)
    options.logger.notice(
      "The store was not closed. It was recovered from its checkpoint and its log.",
      metadata: ["store": "\(paths.directory)", "repeated": "\(count)"]
    )
    return .replayed(transactions: count)
  }

  /// Puts the checkpoint's pages back.
  func restore(_ record: CheckpointRecord, _ data: DataFile) throws(LMDBError) {
    guard let meta = DataFile.Meta(copy: record.meta), meta.pageSize == record.pageSize else {
      throw LMDBError(.inDoubt, "open \(paths.directory): \(Evidence.Doubt.damagedCheckpoint.sentence)")
    }
    let images = try CheckpointFile(paths.checkpoint, mode: options.fileMode, creates: false)
    var numbers: [UInt64] = [0, 1]
    try images.forEachImage(of: record) { (_, number, _) throws(LMDBError) in numbers.append(number) }
    do throws(LMDBError) {
      try ReplacedPages.keep(numbers, of: data, at: paths.replaced, mode: options.fileMode, for: record)
    } catch {
      // A store on a full disk is recovered all the same.
      options.logger.warning(
        "What the recovery of a store replaces could not be kept: \(error)",
        metadata: ["store": "\(paths.directory)"]
      )
    }
    // Should we die in between, and a foreign program go on with the mixture, it is to be seen whose pages it went on with.
    // From now on the kernel does not have what the writer of the checkpoint had written, whatever it noted of that.
    let marks = record.isOfVersion1 ? nil : try MetaMarks(data, pageSize: record.pageSize, isMapped: false)
    if !record.isOfVersion1 {
      var hintless = record
      hintless.hint = .none
      try images.write(hintless)
      try images.file.sync()
    }
    try marks?.beginRestoring()
    try data.file.sync()
    try images.forEachImage(of: record) { (_, number, bytes) throws(LMDBError) in
      try data.write(bytes, page: number, size: record.pageSize)
    }
    try data.file.sync()
    try data.restore(meta)
    try marks?.reset(lineage: record.lineage, generation: record.generation, base: record.transactionID)
    try data.file.sync()
  }
}

extension Evidence.Adoption {
  var sentence: String {
    switch self {
    case .foreignCommit, .foreignBeforeLast, .perhapsForeign: "another LMDB program has written last"
    case .copy: "data.mdb is a copy without its checkpoint"
    case .replaced: "data.mdb was put in the place of another one"
    }
  }
}

/// A number that no other time of being dirty has, of whatever store.
enum Lineage {
  static func random() -> UInt64 { .random(in: 1...(.max >> 1)) }
}
