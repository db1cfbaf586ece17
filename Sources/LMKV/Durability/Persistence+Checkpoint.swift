internal import LMDB
internal import LMDBPlatform

extension Persistence {
  /// Makes the state of a transaction, the newest, the one that a power failure goes back to.
  ///
  /// To be called in LMDB's write transaction, which follows on that state and has written nothing to the file.
  ///
  /// - Returns: false when there can be no pin, and so no checkpoint.
  func checkpoint(_ environment: Environment, at last: UInt64) throws(LMDBError) -> Bool {
    guard let state else { return true }
    try state.checkTrust()
    var capacity = wantedCapacity(state)
    let end = logEnd(state)
    state[.isChanging] = 1
    // Where there is a pin it keeps what the last checkpoint needs until the new one counts.
    if livingPin(environment) == nil { guard try beginPin(environment) else { return false } }
    let files = try openFiles()
    let isFirst = !state.flag(.isDirty)
    if isFirst { state[.lineage] = Lineage.random() }
    let (lineage, generation) = (state[.lineage], state[.generation] + 1)
    do throws(LMDBError) {
      try files.redo.prepare(capacity: capacity, state)
    } catch {
      // Where it cannot grow, the log goes on as it is.
      guard error.isWantOfRoom, state[.redoCapacity] > 0, !state.flag(.isBroken) else { throw error }
      capacity = state[.redoCapacity]
    }
    // Before the data: where the mark is on the disk and the checkpoint is not, nothing was committed on top of it yet.
    try files.marks.set(lineage: lineage, generation: generation, base: last)
    // Whoever has synced the log meanwhile may have noted it between our reading and our writing of the marks.
    _ = files.marks.noteSync(state[.redoSynced])
    try state.syncing { () throws(LMDBError) in try environment.sync() }
    guard let meta = try files.data.newestMeta(), meta.transactionID == last else {
      throw LMDBError(.corrupted, "find the last transaction in \(paths.data)")
    }
    let start = Self.logStart(behind: end, former: state[.redoCapacity], capacity)
    let next = try files.redo.writeAnchor(
      generation: generation,
      transaction: last,
      after: start,
      capacity: capacity,
      lineage: lineage
    )
    try state.syncing { () throws(LMDBError) in try files.redo.sync() }
    let record = CheckpointRecord(
      isClean: false,
      generation: generation,
      lineage: lineage,
      hint: hint,
      meta: meta,
      redoStart: start,
      redoCapacity: capacity
    )
    try files.checkpoint.write(record)
    try state.syncing { () throws(LMDBError) in try files.checkpoint.file.sync() }
    // From here on the new checkpoint counts, and everything that belongs to the old one goes.
    state[.generation] = generation
    state[.redoStart] = start
    state[.redoEnd] = next
    state[.redoSynced] = next
    state[.redoCapacity] = capacity
    state[.lastTransaction] = last
    state[.imageCount] = 0
    state[.savedImages] = 0
    state[.flushDue] = 0
    state[.isDirty] = 1
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    try files.pages.rebuild(lastPage: meta.lastPage) { (clear) throws(LMDBError) in
      try unsafe FreeList.forEach(snapshot.raw, clear)
    }
    guard try pinNewest(environment, last) else { return false }
    state[.lastPage] = meta.lastPage
    state[.safeTransaction] = last
    state[.isChanging] = 0
    return true
  }

  /// The end of the log that a checkpoint leaves behind.
  ///
  /// A record that was written and not committed lies where the next one goes: the log begins anew behind it. Until the new
  /// checkpoint counts nobody else is to know, who may note that the log is on the disk up to its end.
  func logEnd(_ state: SharedState) -> UInt64 {
    state[.redoEnd] + (state.flag(.isChanging) ? state[.redoCapacity] : 0)
  }

  /// Where the log of a new checkpoint begins: it writes over nothing that the old one needs. The end of a log leaves room
  /// for that; see `hasRoom`. A larger log begins behind all of the smaller one.
  private static func logStart(behind end: UInt64, former: UInt64, _ capacity: UInt64) -> UInt64 {
    guard former > 0, capacity > former else { return end }
    return end + (former + capacity - end % capacity) % capacity
  }

  /// As ``checkpoint(_:at:)``, outside of a write transaction. Under the turn.
  func checkpointNow(_ environment: Environment) throws(LMDBError) {
    let writing = try environment.beginWrite()
    try checkpointOrClean(environment, at: writing.id - 1)
  }

  /// As ``checkpoint(_:at:)``. On a full disk, and without a pin, the file becomes clean instead, which needs no room. It stays
  /// clean where the files beside it cannot be made or opened now, for want of descriptors or permissions.
  func checkpointOrClean(_ environment: Environment, at last: UInt64) throws(LMDBError) {
    do throws(LMDBError) {
      if try checkpoint(environment, at: last) { return }
    } catch {
      // After a failed sync nothing can be said of the file.
      let isWithoutFiles = files == nil && error.isOfSystem
      guard error.isWantOfRoom || isWithoutFiles, state?.flag(.isBroken) == false else { throw error }
    }
    if let state, files == nil, !state.flag(.isDirty) {
      // There are no files: nothing was begun that is to be ended.
      state[.isChanging] = 0
      return releasePin(environment)
    }
    try becomeClean(environment)
  }

  /// Ends the dirty state. Under the turn.
  func cleanNow(_ environment: Environment) throws(LMDBError) {
    // With LMDB's lock, so that no stranger's commit comes in between.
    let writing = try environment.beginWrite()
    try becomeClean(environment)
    _ = consume writing
  }

  /// How large the log is to be: larger whenever it was full before its time.
  func wantedCapacity(_ state: SharedState) -> UInt64 {
    let (capacity, used) = (state[.redoCapacity], state[.redoEnd] - state[.redoStart])
    var wanted = capacity == 0 ? limits.smallestLog : capacity
    // A record takes a quarter of it at most.
    if used > wanted / 2 || largestRecord > wanted / 4 { wanted = max(4 * wanted, 4 * largestRecord) }
    wanted = max(capacity, min(wanted, limits.largestLog))
    // Not where it would take most of what is left of the disk.
    if wanted > capacity, limits.freeSpace(directory) < limits.freeLogs * (wanted - capacity) {
      wanted = max(capacity, limits.smallestLog)
    }
    return wanted + 4_095 & ~4_095
  }
}
