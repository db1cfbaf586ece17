internal import LMDB
internal import LMDBPlatform

extension Persistence {
  /// Makes the state of a transaction, the newest, the one that a power failure goes back to.
  ///
  /// To be called in LMDB's write transaction, which follows on that state and has written nothing to the file.
  ///
  /// - Returns: false when there can be no pin, and so no checkpoint.
  func checkpoint(_ environment: Environment, at last: UInt64, isLogging: Bool) throws(LMDBError) -> Bool {
    guard let state else { return true }
    // A record that was written and not committed lies where the next one goes. The log begins anew behind it.
    if state.flag(.isChanging) { state[.redoEnd] += state[.redoCapacity] }
    state[.isChanging] = 1
    // Where there is a pin it keeps what the last checkpoint needs until the new one counts.
    if livingPin(environment) == nil { guard try beginPin(environment) else { return false } }
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

  /// As ``checkpoint(_:at:isLogging:)``, outside of a write transaction. Under the turn.
  func checkpointNow(_ environment: Environment) throws(LMDBError) {
    guard let state else { return }
    let writing = try environment.beginWrite()
    try checkpointOrClean(environment, at: writing.id - 1, isLogging: state[.fulls] > 0)
  }

  /// As ``checkpoint(_:at:isLogging:)``. On a full disk, and without a pin, the file becomes clean instead, which needs no
  /// room.
  func checkpointOrClean(_ environment: Environment, at last: UInt64, isLogging: Bool) throws(LMDBError) {
    do throws(LMDBError) {
      if try checkpoint(environment, at: last, isLogging: isLogging) { return }
    } catch {
      guard [ENOSPC, EDQUOT, EFBIG].contains(error.code.rawValue) else { throw error }
    }
    if let state, files == nil, !state.flag(.isDirty) {
      // There was no room for the files: nothing was begun that is to be ended.
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

  /// The log gets larger whenever it was full before its time.
  private func prepareLog(_ redo: RedoLog) throws(LMDBError) -> UInt64 {
    guard let state else { return 0 }
    let (capacity, used) = (state[.redoCapacity], state[.redoEnd] - state[.redoStart])
    let wanted =
      capacity == 0
      ? limits.smallestLog : used > capacity / 2 ? min(capacity * 4, limits.largestLog) : capacity
    try redo.prepare(capacity: wanted)
    return wanted
  }
}
