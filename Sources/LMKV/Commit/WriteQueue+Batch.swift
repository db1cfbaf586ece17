internal import LMDBPlatform
internal import Synchronization

extension WriteQueue {
  /// How many bodies a leader runs at most before it commits.
  static let maxBodies = 1_000

  /// How many verbs a letter has at most.
  private static let maxVerbs = 64

  /// How often a thread lets others run before it goes on.
  private static let maxYields = 64

  /// Runs what is queued in one transaction, commits it and answers. The caller leads, and does so no longer afterwards.
  ///
  /// - Returns: false when there was nothing that could be run on this thread.
  func runBatch(for own: QueuedWrite?) -> Bool {
    guard let first = next(for: own), let path = first.shared?.commitPath else {
      giveUpLead()
      return false
    }
    var writes = [first]
    if first.isDelegable, hasTimeForLetter(own), path.isOthersTurn {
      awaitReturning(path)
      while writes.count < Self.maxVerbs, let write = nextPlain(for: own) { writes.append(write) }
      let all = writes
      writes = path.deliver(writes)
      if writes.isEmpty {
        giveUpLead(wakesNext: own != nil)
        answer(all)
        return true
      }
      answer(all.filter { write in !writes.contains { $0 === write } })
    }
    writes = claimInTurn(path, writes, own)
    if writes.isEmpty { return false }
    answer(writes + commitBatch(path, beginningWith: writes, own))
    return true
  }

  private func answer(_ members: [QueuedWrite]) {
    answered.store(members.count, ordering: .relaxed)
    for write in members where !write.isAnswered { write.complete() }
  }

  /// Whether a thread that waits for a certain time can wait for others' answer to a letter.
  private func hasTimeForLetter(_ own: QueuedWrite?) -> Bool {
    guard let left = MonotonicClock.timeLeft(until: own?.deadline ?? .max) else { return true }
    return left > CommitPath.patience
  }

  /// Takes the turn to write for some writes that were claimed. Where that takes a wait their callers can give up meanwhile.
  ///
  /// - Returns: what to begin the batch with. Empty when nobody wants anything any more, or the time of the thread is over; then
  ///   the leadership is given up.
  private func claimInTurn(_ path: CommitPath, _ writes: [QueuedWrite], _ own: QueuedWrite?) -> [QueuedWrite] {
    do {
      if try path.takeTurnIfFree() { return writes }
    } catch {
      fail(path, writes, error)
      return []
    }
    putBack(writes)
    do {
      let timeout = MonotonicClock.timeLeft(until: own?.deadline ?? .max)
      if try path.takeTurn(timeout: timeout, while: { isWanted(by: own) }) {
        if let first = next(for: own) { return [first] }
        path.endTurn()
      }
    } catch let error as LMKVError where error.code == .timedOut {
      // The thread says so to its caller.
    } catch {
      fail(path, next(for: own).map { [$0] } ?? [], error)
      return []
    }
    giveUpLead()
    return []
  }

  private func fail(_ path: CommitPath, _ writes: [QueuedWrite], _ error: any Error) {
    path.endFailed()
    giveUpLead()
    for write in writes {
      write.error = error
      write.complete()
    }
  }

  /// Waits for a leader that goes on for nobody any more: whoever waits for the turn finds that out after a moment.
  func waitUntilIdle(until deadline: UInt64) {
    while isLed, MonotonicClock.nanoseconds < deadline { usleep(1_000) }
  }

  /// Gives the tasks that were answered last a moment to come back with their next writes. A letter waits for a sync
  /// anyway, and those who miss it wait for the one after.
  private func awaitReturning(_ path: CommitPath) {
    let expected = answered.load(ordering: .relaxed) - 1
    guard expected > 0 else { return }
    Self.letOthersRun { !path.isOthersTurn || count >= expected }
  }

  /// Lets other threads run for a moment, until there is no need to.
  static func letOthersRun(until isDone: () -> Bool) {
    for _ in 0..<maxYields {
      if isDone() { return }
      sched_yield()
    }
  }

  /// What it returns was in the batch beside the first ones. All of them have everything that callers are told.
  private func commitBatch(
    _ path: CommitPath,
    beginningWith firsts: [QueuedWrite],
    _ own: QueuedWrite?
  ) -> [QueuedWrite] {
    guard let first = firsts.first, let shared = first.shared else { return [] }
    var members = firsts
    var ticket: CommitTicket?
    do {
      let durability = firsts.contains { $0.durability == .full } ? .full : first.durability
      // The turn is there.
      var batch = try WriteBatch(shared, durability, timeout: nil, at: first.store.path)
      let end = endOfBatch
      for write in firsts { batch.run(write) }
      serve(&batch, own, until: end, &members)
      if members.contains(where: { $0.durability == .full }) { batch.runMail(first.store) }
      ticket = try batch.commit()
    } catch {
      for write in members where write.error == nil { write.error = error }
      path.endFailed()
    }
    let mail = path.collectMail()
    let others = Array(members.dropFirst(firsts.count))
    guard let ticket, !ticket.isDurable else {
      // The store's thread goes on by itself.
      giveUpLead(wakesNext: own != nil)
      mail.markDone()
      return others
    }
    // Meanwhile the next batch runs, on another thread of the store's if need be.
    if own == nil { thread.beginDiskWait() }
    giveUpLead()
    finish(ticket, path, members, mail)
    if own == nil { thread.endDiskWait() }
    return others
  }

  /// Runs what is queued, as long as the batch may grow.
  ///
  /// - Parameter mayBlock: whether this thread may run bodies of users, and wait for the disk.
  func serve(
    _ batch: inout WriteBatch,
    _ own: QueuedWrite?,
    until end: UInt64,
    mayBlock: Bool = true,
    _ members: inout [QueuedWrite]
  ) {
    while members.count < Self.maxBodies, isOccupied {
      // Bodies of users may take any time. Verbs take microseconds, and a look at the clock is a part of one.
      if members.last?.kind == .once || members.count % 16 == 15, MonotonicClock.nanoseconds >= end { return }
      guard let write = next(for: own, mayBlock: mayBlock) else { return }
      members.append(write)
      batch.run(write)
    }
  }

  /// When a batch that begins now begins no more bodies.
  var endOfBatch: UInt64 {
    let (end, isOverflow) = MonotonicClock.nanoseconds.addingReportingOverflow(maxTime.load(ordering: .relaxed))
    return isOverflow ? .max : end
  }

  /// Waits for the disk, for all at once, and says what that failed with. Who does not ask for it does not wait.
  @discardableResult
  func finish(
    _ ticket: CommitTicket,
    _ path: CommitPath,
    _ members: [QueuedWrite],
    _ mail: [TakenLetter]
  ) -> (any Error)? {
    if members.contains(where: { $0.durability == .full }) {
      for write in members where write.durability != .full {
        write.isAnswered = true
        write.complete()
      }
    }
    do {
      try path.waitUntilDurable(ticket)
      mail.markDone()
      if mail.isEmpty { path.nudge() }
      return nil
    } catch {
      for write in members where !write.isAnswered && write.error == nil { write.error = error }
      return error
    }
  }
}
