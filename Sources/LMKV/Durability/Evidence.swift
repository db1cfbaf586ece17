internal import LMDB
internal import LMDBPlatform

/// What the files of a store that nobody has open say of themselves, and what follows from it.
///
/// It is decided by the files alone: not by the boot ID, which may be missing, masked or the same although a disk has lost
/// what was not synced. Where they contradict each other nothing is changed.
struct Evidence {
  let checkpoint: CheckpointFile.Contents
  /// The newer one first; empty where `data.mdb` has no meta page, or is missing.
  let metas: [DataFile.MarkedMeta]
  /// What LMKV has noted in the meta pages. It may be there although they cannot be read.
  let marks: [MetaMark]
  let log: LogScan?
  /// Whether `data.mdb` has anything in it.
  let hasData: Bool
  /// Whether there is a file `redo` at all.
  let hasLog: Bool
  /// How many page images of the newest checkpoint are whole, in a row.
  let wholeImages: UInt64
  /// The head of the newest state, where no mark says that one of ours has committed it. Nil elsewhere, and where it has none.
  let head: Head?

  init(_ files: StorePaths) throws(LMDBError) {
    checkpoint = try CheckpointFile.contents(at: files.checkpoint)
    if let record = checkpoint.newest, !record.isClean {
      log = try LogScan(files.redo, record)
      wholeImages = try CheckpointFile.wholeImages(at: files.checkpoint, of: record)
    } else {
      log = nil
      wholeImages = 0
    }
    hasData = Self.size(files.data) > 0
    hasLog = unsafe access(files.redo, F_OK) == 0
    metas = try Self.metas(files.data)
    marks =
      if metas.isEmpty, hasData, let record = checkpoint.newest {
        try DataFile(files.data, writable: false).marks(pageSize: record.pageSize)
      } else {
        metas.compactMap(\.mark)
      }
    if let record = checkpoint.newest, !record.isClean, let newest = metas.first, let mark = newest.mark,
      newest.meta.transactionID > record.transactionID, mark.done != newest.meta.transactionID
    {
      head = try Self.head(files, newest.meta)
    } else {
      head = nil
    }
  }

  /// Nil also where the tree is damaged: looking at all pages will say so.
  private static func head(_ files: StorePaths, _ newest: DataFile.Meta) throws(LMDBError) -> Head? {
    let data = try DataFile(files.data, writable: false)
    do throws(LMDBError) {
      let trees = TreeLookup(data.file.descriptor, files.data, newest.page)
      return try trees.value(of: Head.keyBytes, in: nil).flatMap { Head($0) }
    } catch {
      guard !error.isOfSystem else { throw error }
      return nil
    }
  }

  private static func size(_ path: String) -> Int {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  static func metas(_ path: String) throws(LMDBError) -> [DataFile.MarkedMeta] {
    do throws(LMDBError) {
      return try DataFile(path, writable: false).metas()
    } catch {
      guard error.code.rawValue == ENOENT else { throw error }
      return []
    }
  }

  enum Verdict: Equatable {
    /// There is nothing to recover.
    case clean
    /// Commits may be in the log that the data file does not have: the checkpoint is restored, and the log repeated.
    case replay(CheckpointRecord)
    /// The same for a store that version 1 left: the log may not have every commit.
    case replayVersion1(CheckpointRecord)
    /// The data file is newer than everything else, or was put there by somebody: it is taken as it is if its pages are sound.
    case adopt(Adoption)
    /// The files contradict each other.
    case inDoubt(Doubt)
  }

  enum Adoption: Equatable {
    /// The newest commit is of a program that knows LMDB but not LMKV, and that has synced it.
    case foreignCommit
    /// The same, but that the log has one record more. Its process has died before it committed; or a power failure has
    /// undone the commit, before the other program came.
    case foreignBeforeLast
    /// The newest commit may be of such a program: LMKV was about to make one of this number, and died.
    case perhapsForeign(CheckpointRecord)
    /// The data file was dirty when it was copied here, without its checkpoint.
    case copy
    /// Somebody has replaced the data file by one that needs no checkpoint.
    case replaced
  }

  enum Doubt: Equatable {
    case newerVersion(UInt32)
    case damagedCheckpoint
    case missingCheckpoint
    case missingData
    /// `data.mdb` has a meta page that cannot be read.
    case damagedData
    /// It ends before the state that a recovery would go back to.
    case shortData
    /// `checkpoint` is older than the data file or the log, or the data file is another one.
    case otherCheckpoint
    case otherLog
    case damagedLog
    case damagedImages
    case olderData
    /// A foreign program has committed on top of a state without commits that are in the log.
    case foreignBranch

    var sentence: String {
      switch self {
      case .newerVersion(let version): "the file checkpoint has version \(version), of a newer LMKV"
      case .damagedCheckpoint: "the file checkpoint is damaged"
      case .damagedData: "data.mdb has a damaged meta page, beside a checkpoint that was not closed"
      case .shortData: "data.mdb was cut short"
      case .missingData: "data.mdb is missing or empty beside a checkpoint that was not closed"
      case .missingCheckpoint: "data.mdb was not closed, and the file checkpoint is missing"
      case .otherCheckpoint: "data.mdb and the file checkpoint are not of the same time"
      case .otherLog: "the log (redo) is missing, or not of the same time as the file checkpoint"
      case .damagedLog: "a record of the log (redo) that was once on the disk is damaged"
      case .damagedImages: "pages that the file checkpoint had saved are missing from it or damaged"
      case .olderData: "data.mdb is older than the file checkpoint"
      case .foreignBranch:
        "another LMDB program has written to data.mdb before the log was repeated, and both have commits that the other "
          + "has not"
      }
    }
  }

  /// Whether what was written is surely still to be read, even what no sync has brought to the disk.
  ///
  /// What a recovery has begun to put back is not what was written last, whatever the checkpoint notes that lies beside it.
  func isCached(_ now: CacheHint) -> Bool { !isRestoring && checkpoint.newest?.hint.holds(under: now) ?? false }

  // MARK: The decision

  var verdict: Verdict {
    if let version = checkpoint.newerVersion { return .inDoubt(.newerVersion(version)) }
    // Without meta pages there is no environment, or one that is damaged, which opening it says. Where the log may have more,
    // nobody may go on with what LMDB might make of it.
    guard let newest = metas.first else {
      guard let record = checkpoint.newest, !record.isClean else { return .clean }
      return .inDoubt(hasData ? .damagedData : .missingData)
    }
    guard let record = checkpoint.newest else { return withoutCheckpoint }
    if record.isClean { return afterClean(record, newest) }
    if record.isOfVersion1 {
      guard newest.meta.pageSize == record.pageSize, newest.meta.transactionID >= record.transactionID else {
        return .adopt(.replaced)
      }
      return .replayVersion1(record)
    }
    return afterDirty(record, newest)
  }

  private var withoutCheckpoint: Verdict {
    // The mark of the first checkpoint comes to the disk before the checkpoint.
    guard let mark = newestMark, hasCommits(since: mark.base) || isRestoring else { return .clean }
    if checkpoint.isDamaged { return .inDoubt(.damagedCheckpoint) }
    // Alone it is a copy; with the other files beside it, it is not.
    return checkpoint.exists || hasLog || isRestoring ? .inDoubt(.missingCheckpoint) : .adopt(.copy)
  }

  /// The last process has closed the store.
  private func afterClean(_ record: CheckpointRecord, _ newest: DataFile.MarkedMeta) -> Verdict {
    guard let mark = newestMark else { return .clean }
    if isRestoring { return .inDoubt(.otherCheckpoint) }
    if mark.lineage == record.lineage, mark.generation <= record.generation,
      newest.meta.transactionID >= record.transactionID
    {
      // A commit of ours that the store had not when it was closed is one of before a recovery that went back behind it.
      return lastOwn(record) > record.transactionID ? .adopt(.copy) : .clean
    }
    // The mark may have come to the disk before the checkpoint that it speaks of, and nothing was committed then.
    guard hasCommits(since: mark.base) else { return .clean }
    if checkpoint.isDamaged { return .inDoubt(.damagedCheckpoint) }
    return mark.generation > record.generation ? .inDoubt(.otherCheckpoint) : .adopt(.copy)
  }

  /// Nobody has closed the store.
  private func afterDirty(_ record: CheckpointRecord, _ newest: DataFile.MarkedMeta) -> Verdict {
    guard newest.meta.pageSize == record.pageSize, let mark = newestMark else { return .adopt(.replaced) }
    if mark.lineage != record.lineage {
      return hasCommits(since: mark.base) || isRestoring ? .inDoubt(.otherCheckpoint) : .adopt(.replaced)
    }
    if isForeign(newest, record) {
      if isRestoring { return .inDoubt(.foreignBranch) }
      if isSeen { return .adopt(.foreignCommit) }
      // With a synced commit of another program comes everything that it follows on, which must be all that the log has: a
      // program that came first after a power failure followed on less.
      let missing = lastLogged(record) - min(lastLogged(record), lastOwn(record))
      return missing == 0
        ? .adopt(.foreignCommit) : missing == 1 ? .adopt(.foreignBeforeLast) : .inDoubt(.foreignBranch)
    }
    if mark.generation < record.generation || newest.meta.transactionID < record.transactionID {
      return .inDoubt(.olderData)
    }
    if mark.generation > record.generation, hasCommits(since: mark.base) {
      return .inDoubt(checkpoint.isDamaged ? .damagedCheckpoint : .otherCheckpoint)
    }
    if let doubt = doubt(in: record, newest) { return .inDoubt(doubt) }
    return committer(record, newest)
  }

  /// Whether a recovery has begun to put pages back, and was not done with it.
  var isRestoring: Bool { marks.contains(where: \.isRestoring) }

  /// Whether one of ours has begun a checkpoint of the newest state: it was alive, and so was the kernel since our last commit.
  var isSeen: Bool {
    guard let newest = metas.first, let mark = newestMark else { return false }
    return mark.generation > checkpoint.newest?.generation ?? .max && mark.base == newest.meta.transactionID
  }

  /// The one of the two marks that was written last.
  var newestMark: MetaMark? {
    marks.max { $0.generation < $1.generation }
  }

  /// Whether commits of ours were begun after a state.
  ///
  /// One that was begun counts only beside the newest generation: a process may have died between writing the marks of the
  /// two meta pages anew, which leaves out what was begun and never committed.
  private func hasCommits(since transaction: UInt64) -> Bool {
    let newest = newestMark?.generation
    return marks.contains {
      max($0.done, $0.generation == newest ? $0.begun : 0) > transaction
    }
  }

  /// What contradicts the checkpoint in the log.
  private func doubt(in record: CheckpointRecord, _ newest: DataFile.MarkedMeta) -> Doubt? {
    guard let log, !log.isEmpty else {
      return hasCommits(since: record.transactionID) ? .otherLog : nil
    }
    var (count, next, images) = (0, record.nextTransaction, savedImages(record))
    var (isAnchored, isOlder, laterAnchor) = (false, false, false)
    let end = log.forEach(from: record.redoStart) { (found) throws(Never) in
      if found.kind == .anchor {
        let isOwn = found.revision == record.generation
        if isOwn { isAnchored = true } else { laterAnchor = true }
        return true
      }
      // Behind the anchor of a later checkpoint there is nothing that belongs to this one.
      if laterAnchor { isOlder = true }
      guard !laterAnchor, found.transactionID == next else { return false }
      count += 1
      next += 1
      // What a recovery has not repeated yet speaks of the images of the checkpoint before.
      if isAnchored { images = max(images, found.images) }
      return true
    }
    if isOlder || log.hasTransactions(afterAnchorBehind: record.generation) {
      return checkpoint.isDamaged ? .damagedCheckpoint : .otherCheckpoint
    }
    guard isAnchored || count > 0 else { return hasCommits(since: record.transactionID) ? .otherLog : nil }
    let proven = max(log.provenSync(behind: end), marks.map(\.synced).max() ?? 0)
    if proven > end { return .damagedLog }
    return images > wholeImages ? .damagedImages : nil
  }

  /// How many images of a checkpoint were on the disk, as the marks say.
  private func savedImages(_ record: CheckpointRecord) -> UInt64 {
    marks.filter { $0.generation == record.generation }.map(\.images).max() ?? 0
  }

  /// Whether images are missing that were once on the disk.
  func lacksImages(_ record: CheckpointRecord) -> Bool { savedImages(record) > wholeImages }

  /// How many transactions the log has in a row behind the checkpoint.
  var loggedCount: UInt64 {
    guard let record = checkpoint.newest, let log else { return 0 }
    return UInt64(LogReplay.positions(log, after: record).count)
  }

  /// The last one of them, as the numbers of the data file were then; without one, the checkpoint's own.
  func lastLogged(_ record: CheckpointRecord) -> UInt64 {
    let count = loggedCount
    return count == 0 ? record.transactionID : record.nextTransaction + count - 1
  }

  /// The last commit of ours that the data file has.
  func lastOwn(_ record: CheckpointRecord) -> UInt64 {
    let own = metas.compactMap { meta -> UInt64? in
      guard let mark = meta.mark else { return nil }
      // Another program may have committed, and so synced, before the end was noted.
      return mark.begun == meta.meta.transactionID ? mark.begun : mark.done
    }
    // A foreign program leaves the stamp as it is, and what it has synced has everything before it.
    let stamped = head?.stamp.map { min($0, metas.first?.meta.transactionID ?? 0) } ?? 0
    return own.reduce(max(record.transactionID, stamped), max)
  }

  /// Whether the data file has a commit of ours that the log has not.
  func isAheadOfLog(_ record: CheckpointRecord) -> Bool {
    guard let newest = metas.first, newest.mark?.done == newest.meta.transactionID else { return false }
    return newest.meta.transactionID > lastLogged(record)
  }

  /// Whether the newest commit was surely made by a program that knows nothing of the marks.
  private func isForeign(_ newest: DataFile.MarkedMeta, _ record: CheckpointRecord) -> Bool {
    let transaction = newest.meta.transactionID
    guard transaction > record.transactionID, let mark = newest.mark else { return false }
    return mark.begun != transaction && mark.done != transaction
  }

  /// Whether the newest state has another stamp in its head than one of ours would have written with it.
  var hasOtherStamp: Bool { head.map { $0.stamp != metas.first?.meta.transactionID } ?? false }

  /// Who made the newest commit that the data file has, where it is not surely another program.
  private func committer(_ record: CheckpointRecord, _ newest: DataFile.MarkedMeta) -> Verdict {
    let transaction = newest.meta.transactionID
    let isOurs = transaction == record.transactionID || newest.mark?.done == transaction
    return isOurs ? .replay(record) : .adopt(.perhapsForeign(record))
  }
}

/// Where the files of a store are.
struct StorePaths {
  let directory: String

  var data: String { directory + "/data.mdb" }
  var lock: String { directory + "/lock.mdb" }
  var checkpoint: String { directory + "/checkpoint" }
  var redo: String { directory + "/redo" }
  var pages: String { directory + "/pages" }
  var control: String { directory + "/control" }
  var replaced: String { directory + "/replaced" }
  var aside: String { directory + "/before-recovery" }
  var trial: String { directory + "/trial" }
}
