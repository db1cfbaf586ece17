internal import ControlPage
internal import LMDB
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
    readerWatch.start(environment, self)
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
      environment.changes.isOn = state.flag(.isLogging)
      if !hasCaretaker.load(ordering: .relaxed) {
        hasCaretaker.store(true, ordering: .relaxed)
        caretaker.start(environment, self)
      }
    }
    return writing
  }

  /// Whether a relaxed transaction waits for the disk neither when it begins nor when it commits, unless a stranger has
  /// written meanwhile. For the leader.
  var needsNoDisk: Bool {
    guard let state else { return false }
    return state.flag(.isDirty) && !state.flag(.isChanging) && !owesImages
  }

  private func prepareCommit(
    _ environment: Environment,
    _ state: SharedState,
    after last: UInt64,
    _ durability: Durability,
    mayBlock: Bool
  ) throws(LMDBError) {
    guard !state.flag(.isBroken) else { throw LMDBError(.panic, "write after a failed sync") }
    let isFull = durability == .full
    // LMDB's own commits need no pin, and what they free is of use again at once.
    let staysClean = cannotPin ? true : try isTight(environment)
    // Who died while he made a clean file dirty may have left a checkpoint, to which a power failure would go back.
    let isHalfMade = !state.flag(.isDirty) && state.flag(.isChanging)
    if isHalfMade || (staysClean && state.flag(.isDirty)) { try becomeClean(environment) }
    guard state.flag(.isDirty) else {
      state[.lastTransaction] = last
      guard staysClean || (isFull && state[.streak] < limits.streak) else {
        return try checkpointOrClean(environment, at: last, isLogging: isFull)
      }
      if state[.pinOwner] != 0 { releasePin(environment) }
      return
    }
    let wantsLog = isFull && !state.flag(.isLogging) && state[.fulls] >= 2
    if !wantsLog, !state.flag(.isChanging), state[.lastTransaction] == last,
      try guardPages(environment, after: last, mayBlock: mayBlock)
    {
      return
    }
    // Somebody else has committed, or died while he did, or it is time for the log.
    try checkpointOrClean(environment, at: last, isLogging: wantsLog || state.flag(.isLogging))
  }

  /// Whether a store with a small limit is at least half full.
  private func isTight(_ environment: Environment) throws(LMDBError) -> Bool {
    guard environment.mapBytes < 1 << 30 else { return false }
    return try environment.info().usedSize > environment.mapBytes / 2
  }

  /// Commits. Afterwards everybody sees the transaction, or, after an error, nobody ever will. Under the turn.
  func commit(
    _ environment: Environment,
    _ writing: consuming WriteTransaction,
    _ head: Head,
    _ durability: Durability
  ) throws -> CommitTicket {
    defer { _ = try? control?.commits.advance() }
    guard let state else {
      // Without the control page LMDB's own ways are left: of these, the fastest that cannot damage the file.
      try writing.commit(durability == .full ? .full : .dataOnly)
      return CommitTicket()
    }
    if durability != .full { try caretaker.checkHealth() }
    var ticket = CommitTicket()
    let id = writing.id
    guard state.flag(.isDirty) else {
      try writing.commit(.full)
      state[.lastTransaction] = id
      noteStreak(state)
      return ticket
    }
    if state.flag(.isLogging) {
      ticket.redoPosition = try commitLogged(environment, writing, state, head)
    } else {
      try writing.commit(.unsafeNone)
      state[.lastTransaction] = id
    }
    let isFull = durability == .full
    if isFull { state[.fulls] += 1 }
    let isUnsafe = !isPinned(environment)
    if isUnsafe || (isFull && ticket.redoPosition == nil) { try checkpointNow(environment) }
    if case .relaxed(let interval) = durability {
      ticket.redoPosition = nil
      caretaker.noteCommit(state, flushWithin: interval)
    }
    return ticket
  }

  /// - Returns: how far the log must be on the disk for this commit. Nil when it is too large for the log.
  private func commitLogged(
    _ environment: Environment,
    _ writing: consuming WriteTransaction,
    _ state: SharedState,
    _ head: Head
  ) throws -> UInt64? {
    let id = writing.id
    let redo = try openFiles().redo
    let names = environment.changes.databases.compactMap { environment.databaseName($0) }
    let length = redo.stage(
      .init(
        transactionID: id,
        revision: head.revision,
        generation: head.generation,
        milliseconds: StoreClock.system.now()
      ),
      environment.changes,
      names: names
    )
    let isWhole = names.count == environment.changes.databases.count
    guard isWhole, UInt64(length) <= state[.redoCapacity] / 4 else {
      // A gap in the log, which only a checkpoint closes. Who comes next makes it if this process dies before.
      state[.isChanging] = 1
      try writing.commit(.unsafeNone)
      try checkpointNow(environment)
      return nil
    }
    let place = RedoLog.place(length, after: state[.redoEnd], capacity: state[.redoCapacity])
    if place + UInt64(length) - state[.redoStart] > state[.redoCapacity] {
      try checkpointOrClean(environment, at: id - 1, isLogging: true)
      // The capacity may be another now, or the log gone for want of room.
      guard state.flag(.isLogging), state.flag(.isDirty) else {
        try writing.commit(.full)
        state[.lastTransaction] = id
        return nil
      }
    }
    // A record without its commit must not be taken for one after a power failure, in place of the one that is written
    // over it: who finds this mark makes a checkpoint, which leaves the record behind.
    state[.isChanging] = 1
    let end = try redo.writeStaged(after: state[.redoEnd], capacity: state[.redoCapacity])
    try writing.commit(.unsafeNone)
    state[.redoEnd] = end
    state[.lastTransaction] = id
    state[.isChanging] = 0
    // There is to be a new checkpoint before the log is full.
    if isLogHalfFull(state) { caretaker.hurry() }
    return end
  }

  func isLogHalfFull(_ state: SharedState) -> Bool {
    state[.redoEnd] - state[.redoStart] > state[.redoCapacity] / 2
  }

  // MARK: Flushing

  /// Waits until the log is on the disk up to a commit.
  func waitUntilDurable(_ ticket: CommitTicket) throws {
    guard let position = ticket.redoPosition, let control, let state else { return }
    try GroupSync(control, state).wait(for: position, openFiles().redo)
  }

  /// Forgets a sync whose process has died.
  func releaseDeadSync() throws {
    guard let control, let state else { return }
    try GroupSync(control, state).releaseDead()
  }

  /// Brings relaxed commits to the disk.
  func flush(_ environment: Environment) throws {
    // Who only reads has nothing to flush, and cannot; the writers' commits are their own business.
    guard !options.isReadOnly, let state, state[.flushDue] != 0 else { return }
    guard state.flag(.isLogging) else { return try checkpointInBackground(environment) }
    // In this order, so that a commit that this sync may miss asks for another one.
    state[.flushDue] = 0
    let end = state[.redoEnd]
    try openFiles().redo.sync()
    state.raise(.redoSynced, to: end)
  }

  /// A checkpoint most of which is made while others go on writing.
  func checkpointInBackground(_ environment: Environment) throws {
    guard let state else { return }
    let generation = state[.generation]
    try environment.sync()
    // One that somebody else has made meanwhile has everything that was committed before we began.
    try inTurn { if state[.generation] == generation { try checkpointNow(environment) } }
  }

  /// Makes the file clean if nothing was committed since a transaction.
  func clean(_ environment: Environment, unlessAfter last: UInt64) throws {
    guard let state else { return }
    try inTurn {
      if state.flag(.isDirty), state[.lastTransaction] == last { try cleanNow(environment) }
    }
  }

  private func inTurn(_ body: () throws -> Void) throws {
    guard let turn = control?.turn else { return }
    _ = try turn.take()
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
