internal import ControlPage
internal import LMDB

extension Persistence {
  /// How many images of pages a checkpoint keeps, at most. Beyond that pages are pinned, and the file grows.
  private static let maxImages: UInt64 = 2_048

  /// Makes the state of a transaction, the newest, the one that a power failure goes back to.
  ///
  /// To be called in LMDB's write transaction, which follows on that state and has written nothing to the file.
  func checkpoint(_ environment: Environment, at last: UInt64, isLogging: Bool) throws(LMDBError) {
    guard let state else { return }
    state[.isChanging] = 1
    let files = try openFiles()
    try environment.sync()
    guard let meta = try files.data.newestMeta(), meta.transactionID == last else {
      throw LMDBError(.corrupted, "find the last transaction in \(dataPath)")
    }
    let start = state[.redoEnd]
    let capacity = isLogging ? try prepareLog(files.redo) : state[.redoCapacity]
    let record = CheckpointRecord(
      isClean: false,
      generation: state[.generation] + 1,
      boot: options.boot,
      meta: meta,
      redoStart: start,
      redoCapacity: isLogging ? capacity : 0
    )
    try files.checkpoint.write(record)
    // From here on the new checkpoint counts, and everything that belongs to the old one goes.
    state[.generation] = record.generation
    state[.redoStart] = start
    state[.redoSynced] = start
    state[.redoCapacity] = capacity
    state[.lastTransaction] = last
    state[.imageCount] = 0
    state[.fulls] = 0
    state[.flushDue] = 0
    state[.isLogging] = isLogging ? 1 : 0
    state[.isDirty] = 1
    dropPin(environment)
    state[.pinOwner] = 0
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    try files.pages.rebuild(lastPage: meta.lastPage) { (clear) throws(LMDBError) in
      try unsafe FreeList.forEach(snapshot.raw, clear)
    }
    state[.lastPage] = meta.lastPage
    state[.safeTransaction] = last
    state[.isChanging] = 0
  }

  /// As ``checkpoint(_:at:isLogging:)``, outside of a write transaction. Under the turn.
  func checkpointNow(_ environment: Environment) throws(LMDBError) {
    guard let state else { return }
    let writing = try environment.beginWrite()
    try checkpoint(environment, at: writing.id - 1, isLogging: state[.fulls] > 0)
  }

  /// Ends the dirty state. Under the turn.
  func cleanNow(_ environment: Environment) throws(LMDBError) {
    // With LMDB's lock, so that no stranger's commit comes in between.
    let writing = try environment.beginWrite()
    try becomeClean(environment)
    dropPin(environment)
    _ = consume writing
  }

  /// The log gets larger whenever it was full before its time.
  private func prepareLog(_ redo: RedoLog) throws(LMDBError) -> UInt64 {
    guard let state else { return 0 }
    let (capacity, used) = (state[.redoCapacity], state[.redoEnd] - state[.redoStart])
    let wanted =
      capacity == 0
      ? RedoLog.smallestCapacity : used > capacity / 2 ? min(capacity * 4, RedoLog.largestCapacity) : capacity
    try redo.prepare(capacity: wanted)
    return wanted
  }

  func dropPin(_ environment: Environment) {
    if let pin { environment.endPin(pin) }
    pin = nil
  }

  // MARK: Guarding the checkpoint's pages

  /// Sees to it that the transaction that begins now uses no page of the checkpoint that cannot be put back.
  ///
  /// LMDB gives out the pages that transactions before the last one have freed. So each time the pages of the last one
  /// are looked at, before it is their turn.
  ///
  /// - Returns: false when that cannot be told any more, and a checkpoint must be made first.
  func guardPages(_ environment: Environment, freedBy last: UInt64) throws(LMDBError) -> Bool {
    guard let state, let control else { return false }
    if state[.safeTransaction] >= last { return true }
    if state[.pinOwner] != 0 { return isPinned(control, state) }
    guard state[.safeTransaction] == last - 1 else { return false }
    let files = try openFiles()
    try files.pages.adopt(lastPage: state[.lastPage])
    let snapshot = try environment.beginPin()
    var pages: [UInt64] = []
    do throws(LMDBError) {
      try unsafe FreeList.forEach(freedBy: last, snapshot.raw) { if files.pages.contains($0) { pages.append($0) } }
      if state[.imageCount] + UInt64(pages.count) <= Self.maxImages {
        if !pages.isEmpty { try save(pages, files, state) }
        state[.safeTransaction] = last
        environment.endPin(snapshot)
        return true
      }
    } catch {
      environment.endPin(snapshot)
      throw error
    }
    // Too many: from now on they are kept as they are, until the next checkpoint.
    pin = snapshot
    state[.pinOwner] = control.me.rawValue
    return true
  }

  /// Whether the one who pins pages lives. As long as it does, nobody frees its reader slot.
  func isPinned(_ control: ControlPage, _ state: SharedState) -> Bool {
    guard let owner = MemberID(rawValue: state[.pinOwner]) else { return false }
    return owner == control.me ? pin != nil : control.members.isAlive(owner)
  }

  private func save(_ pages: [UInt64], _ files: Files, _ state: SharedState) throws(LMDBError) {
    guard let size = try files.data.newestMeta()?.pageSize else { throw LMDBError(.corrupted, "read \(dataPath)") }
    var images: [(number: UInt64, bytes: [UInt8])] = []
    for number in pages { images.append((number, try files.data.page(number, size: size))) }
    state[.isChanging] = 1
    try files.checkpoint.add(images, from: Int(state[.imageCount]), generation: state[.generation])
    state[.imageCount] += UInt64(pages.count)
    for number in pages { files.pages.clear(number) }
    state[.isChanging] = 0
  }
}
