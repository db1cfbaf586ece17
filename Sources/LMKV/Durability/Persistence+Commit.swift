internal import ControlPage
internal import LMDB
internal import Logging
internal import Synchronization

/// A commit that others see already, and that may not be on the disk yet.
struct CommitTicket: Sendable {
  /// How far the redo log must be on the disk. Nil: there is nothing to wait for.
  var redoPosition: UInt64?

  var isDurable: Bool { redoPosition == nil }
}

extension Persistence {
  /// Begins LMDB's transaction. Under the turn.
  ///
  /// - Parameter mayBlock: whether it may save pages, which waits for the disk. If not, that is left to the next one.
  func begin(
    _ environment: Environment,
    _ durability: Durability,
    mayBlock: Bool
  ) throws(LMDBError) -> WriteTransaction {
    try checkFiles()
    try growth.sweepIfGrown(environment, self)
    // Nobody pins when the process that did has closed the store: what strangers write while we wait for LMDB's lock must
    // not harm the checkpoint.
    let isUnpinned = state.map { $0.flag(.isDirty) && $0[.pinOwner] == 0 } ?? false
    let early = isUnpinned ? try environment.beginPin() : nil
    defer { if let early { environment.endPin(early) } }
    let writing = try environment.beginWrite()
    guard let state else { return writing }
    try prepareCommit(environment, state, after: writing.id - 1, durability, mayBlock: mayBlock)
    if state.flag(.isDirty) {
      environment.changes.isOn = true
      if !hasCaretaker.load(ordering: .relaxed) {
        hasCaretaker.store(true, ordering: .relaxed)
        caretaker.start(environment, self)
      }
    }
    return writing
  }

  /// So much room must the log have for a commit that is not to wait for a checkpoint.
  private static let roomAtOnce: UInt64 = 1 << 16

  /// Whether a relaxed transaction waits for the disk neither when it begins nor when it commits, unless a foreign program
  /// has written meanwhile. For the leader.
  var needsNoDisk: Bool {
    guard let state else { return false }
    let used = state[.redoEnd] &- state[.redoStart]
    return state.flag(.isDirty) && !state.flag(.isChanging) && !owesImages
      && used + Self.roomAtOnce <= state[.redoCapacity]
  }

  private func prepareCommit(
    _ environment: Environment,
    _ state: SharedState,
    after last: UInt64,
    _ durability: Durability,
    mayBlock: Bool
  ) throws(LMDBError) {
    try state.checkTrust()
    // LMDB's own commits need no pin, and what they free is of use again at once.
    let staysClean = cannotPin || isRoomShort.load(ordering: .relaxed) ? true : try isTight(environment)
    // Who died while he made a clean file dirty may have left a checkpoint, to which a power failure would go back.
    let isHalfMade = !state.flag(.isDirty) && state.flag(.isChanging)
    if isHalfMade || (staysClean && state.flag(.isDirty)) { try becomeClean(environment) }
    guard state.flag(.isDirty) else {
      state[.lastTransaction] = last
      let isLoad = state[.streak] >= (durability == .full ? limits.streak : limits.relaxedStreak)
      if isLoad, !staysClean, !isDiskNearlyFull { return try checkpointOrClean(environment, at: last) }
      if state[.pinOwner] != 0 { releasePin(environment) }
      return
    }
    do throws(LMDBError) {
      if !state.flag(.isChanging), state[.lastTransaction] == last,
        try guardPages(environment, after: last, mayBlock: mayBlock)
      {
        return
      }
    } catch {
      // A clean file needs no images.
      guard error.isWantOfRoom, !state.flag(.isBroken) else { throw error }
      isRoomShort.store(true, ordering: .relaxed)
      return try becomeClean(environment)
    }
    // A foreign program has committed, or somebody died while he did, or the pin was lost.
    try checkpointOrClean(environment, at: last)
  }

  /// Whether a store with a small limit is at least half full.
  private func isTight(_ environment: Environment) throws(LMDBError) -> Bool {
    let room = environment.room
    guard room < 1 << 30 else { return false }
    return try environment.info().usedSize > room / 2
  }

  /// Commits. Afterwards everybody sees the transaction, or, after an error, nobody ever will. Under the turn.
  func commit(
    _ environment: Environment,
    _ writing: consuming WriteTransaction,
    _ head: Head,
    _ durability: Durability
  ) throws -> CommitTicket {
    defer { _ = try? control?.commits.advance() }
    let isFull = durability == .full
    guard let state else {
      // Without the control page LMDB's own ways are left: of these, the fastest that cannot damage the file.
      try writing.commit(isFull ? .full : .dataOnly)
      return CommitTicket()
    }
    guard state.flag(.isDirty) else {
      try commitSynced(environment, writing, state)
      noteStreak(state)
      return CommitTicket()
    }
    let position: UInt64?
    do {
      position = try commitLogged(environment, writing, state, head, isFull: isFull)
    } catch let error as LMDBError where error.isWantOfRoom {
      // The next transaction finds a clean store, and the room that the log has had.
      isRoomShort.store(true, ordering: .relaxed)
      throw error
    }
    if !isPinned(environment) { checkpointAfter(commitOn: environment, state) }
    if case .relaxed(let interval) = durability {
      if position != nil { caretaker.noteCommit(state, flushWithin: interval) }
      return CommitTicket()
    }
    return CommitTicket(redoPosition: position)
  }

  /// Makes a checkpoint of what was just committed. What fails here is not the commit's error, since others see that already:
  /// whoever comes next finds that it is owed, and makes it before anything else.
  private func checkpointAfter(commitOn environment: Environment, _ state: SharedState) {
    do throws(LMDBError) {
      try checkpointNow(environment)
    } catch {
      state[.isChanging] = 1
      options.logger.warning(
        "A checkpoint failed, and is left to the next transaction: \(error)",
        metadata: ["store": "\(directory)"]
      )
    }
  }

  /// Leaves a commit, and its syncs, to LMDB.
  private func commitSynced(
    _ environment: Environment,
    _ writing: consuming WriteTransaction,
    _ state: SharedState
  ) throws {
    let id = writing.id
    do throws(LMDBError) {
      try writing.commit(.full)
    } catch {
      // It does not say whether it was a sync that failed. If it was that of the meta page, LMDB has put the former one back,
      // but not on the disk: the next commit would write over pages of a state that the disk may have.
      let first = error
      do throws(LMDBError) {
        try state.syncing { () throws(LMDBError) in try environment.sync() }
      } catch let second {
        throw LMKVError.outcomeUnknown(directory, first, second)
      }
      throw first
    }
    state[.lastTransaction] = id
  }

  /// - Returns: how far the log must be on the disk for this commit. Nil when it is there already.
  private func commitLogged(
    _ environment: Environment,
    _ writing: consuming WriteTransaction,
    _ state: SharedState,
    _ head: Head,
    isFull: Bool
  ) throws -> UInt64? {
    let id = writing.id
    let files = try openFiles()
    let redo = files.redo
    let changes = environment.changes
    guard !changes.hasOverflowed, let names = redo.names(of: changes.databases, environment),
      case let length = RedoLog.length(changes, names: names), length <= limits.largestLog / 4
    else { return try commitUnlogged(environment, writing, state) }
    if length > state[.redoCapacity] / 4 || !hasRoom(for: length, state) {
      // Before it, so that the log can be made larger, and begins with this record.
      largestRecord = length
      defer { largestRecord = 0 }
      try checkpointOrClean(environment, at: id - 1)
      // There may be no log any more, for want of room.
      guard state.flag(.isDirty) else {
        try commitSynced(environment, writing, state)
        return nil
      }
      // Nor could it grow, perhaps.
      guard hasRoom(for: length, state) else { return try commitUnlogged(environment, writing, state) }
    }
    // A record without its commit must not be taken for one after a power failure, in place of the one that is written
    // over it: who finds this mark makes a checkpoint, which leaves the record behind.
    state[.isChanging] = 1
    let (synced, images) = (state[.redoSynced], state[.savedImages])
    let record = try redo.write(
      .init(transactionID: id, revision: head.revision, generation: head.generation, synced: synced, images: images),
      changes,
      names: names,
      after: state[.redoEnd],
      capacity: state[.redoCapacity],
      lineage: state[.lineage],
      isForSync: isFull
    )
    do throws(LMDBError) {
      try files.marks.begin(id, synced: synced, images: images)
      try writing.commit(.unsafeNone)
    } catch {
      // The caller is told that nothing of it is there, so nobody may repeat it.
      redo.forgetNames()
      do throws(LMDBError) {
        try redo.void(record.lowerBound, capacity: state[.redoCapacity])
        try redo.sync()
      } catch let second {
        state[.isBroken] = 1
        throw LMKVError.outcomeUnknown(directory, error, second)
      }
      throw error
    }
    let isMarked = files.marks.end(id)
    state[.redoEnd] = record.upperBound
    state[.lastTransaction] = id
    // Without the mark the newest commit does not look like ours: a checkpoint says that it is.
    state[.isChanging] = isMarked ? 0 : 1
    // There is to be a new checkpoint before the log is full.
    if isLogHalfFull(state) { caretaker.hurry() }
    return record.upperBound
  }

  /// A commit that is too large for the log: a gap in it, which only a checkpoint closes. Whoever comes next makes that
  /// checkpoint if this process dies before.
  private func commitUnlogged(
    _ environment: Environment,
    _ writing: consuming WriteTransaction,
    _ state: SharedState
  ) throws -> UInt64? {
    let id = writing.id
    let files = try openFiles()
    state[.isChanging] = 1
    try files.marks.begin(id, synced: state[.redoSynced], images: state[.savedImages])
    try writing.commit(.unsafeNone)
    _ = files.marks.end(id)
    do throws(LMDBError) {
      try checkpointNow(environment)
    } catch {
      // Without a checkpoint there is still LMDB's own way. Others see the commit, which a kill of all may yet undo: neither
      // that it was made nor that it failed would be true.
      do throws(LMDBError) { try cleanNow(environment) } catch let second {
        throw LMKVError.outcomeUnknown(directory, error, second)
      }
    }
    return nil
  }

  /// Whether a record fits in, and behind it the anchor of the next checkpoint.
  private func hasRoom(for length: UInt64, _ state: SharedState) -> Bool {
    let anchor = UInt64(RedoRecord.headSize)
    let end = [length, anchor].reduce(state[.redoEnd]) { end, length in
      RedoLog.place(length, after: end, capacity: state[.redoCapacity]) + length
    }
    return end - state[.redoStart] <= state[.redoCapacity]
  }

  func isLogHalfFull(_ state: SharedState) -> Bool {
    state[.redoEnd] - state[.redoStart] > state[.redoCapacity] / 2
  }

  // MARK: Flushing

  /// Waits until the log is on the disk up to a commit.
  func waitUntilDurable(_ ticket: CommitTicket) throws {
    guard let position = ticket.redoPosition, let control, let state else { return }
    try GroupSync(control, state).wait(for: position, openFiles())
  }

  /// Forgets a sync whose process has died.
  func releaseDeadSync() throws {
    guard let control, let state else { return }
    try GroupSync(control, state).releaseDead()
  }

  /// Brings relaxed commits to the disk.
  func flush(_ environment: Environment) throws {
    // Who only reads has nothing to flush, and cannot; the writers' commits are their own business.
    guard !options.isReadOnly, let state else { return }
    // A flush that failed is not asked for again, and nobody may believe that it went well.
    if state.flag(.isDirty), state[.redoSynced] < state[.redoEnd] { try state.checkTrust() }
    guard state[.flushDue] != 0 else { return }
    // In this order, so that a commit that this sync may miss asks for another one.
    state[.flushDue] = 0
    let end = state[.redoEnd]
    do {
      // Before it can be said that the sync failed: for want of descriptors nothing is lost.
      let files = try openFiles()
      try state.syncing { () throws(LMDBError) in try files.redo.sync() }
      state.raise(.redoSynced, to: end)
      _ = files.marks.noteSync(end)
    } catch {
      // It is still due, at the next look.
      if !state.flag(.isBroken), state[.flushDue] == 0 { state[.flushDue] = MonotonicClock.nanoseconds }
      throw error
    }
  }

  /// A checkpoint most of which is made while others go on writing.
  func checkpointInBackground(_ environment: Environment) throws {
    guard let state else { return }
    try state.checkTrust()
    let generation = state[.generation]
    try state.syncing { () throws(LMDBError) in try environment.sync() }
    // One that somebody else has made meanwhile has everything that was committed before we began.
    try inTurn { if state[.generation] == generation, state.flag(.isDirty) { try checkpointNow(environment) } }
  }

  /// Makes the file clean if nothing was committed since a transaction.
  func clean(_ environment: Environment, unlessAfter last: UInt64) throws {
    guard let state else { return }
    try inTurn {
      if state.flag(.isDirty), state[.lastTransaction] == last { try cleanNow(environment) }
    }
  }

  private static let turnPatience = Duration.milliseconds(100)

  private func inTurn(_ body: () throws -> Void) throws {
    guard let turn = control?.turn else { return }
    do throws(TurnError) {
      _ = try turn.take(timeout: Self.turnPatience)
    } catch {
      // At the next look. Whoever closes the store waits for this thread, and must not wait for others' transactions.
      if case .timedOut = error { return }
      throw error
    }
    defer {
      turn.release()
      control?.mailboxes.nudge()
    }
    try body()
  }

  private func noteStreak(_ state: SharedState) {
    let now = MonotonicClock.nanoseconds
    state[.streak] = now - state[.lastCommit] < limits.streakGap ? state[.streak] + 1 : 1
    state[.lastCommit] = now
  }
}
