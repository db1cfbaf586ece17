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
    guard let first = next(for: own) else {
      giveUpLead()
      return false
    }
    var writes = [first]
    var members = [first]
    // One who waits for a certain time only stays where that ends the wait.
    if let path = first.shared?.commitPath, first.isDelegable, own?.deadline == nil, path.isOthersTurn {
      awaitReturning(path)
      while writes.count < Self.maxVerbs, let write = nextPlain(for: own) { writes.append(write) }
      members = writes
      writes = path.deliver(writes)
    }
    if writes.isEmpty {
      giveUpLead(wakesNext: own != nil)
    } else {
      members += commitBatch(beginningWith: writes, own)
    }
    answered.store(members.count, ordering: .relaxed)
    for write in members where !write.isAnswered { write.complete() }
    return true
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
  private func commitBatch(beginningWith firsts: [QueuedWrite], _ own: QueuedWrite?) -> [QueuedWrite] {
    guard let first = firsts.first, let shared = first.shared else { return [] }
    let path = shared.commitPath
    var members = firsts
    var ticket: CommitTicket?
    do {
      let deadline = [first.deadline, own?.deadline].compactMap(\.self).min()
      let durability = firsts.contains { $0.durability == .full } ? .full : first.durability
      let timeout = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      var batch = try WriteBatch(shared, durability, timeout: timeout, at: first.store.path)
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
