internal import Synchronization

extension WriteQueue {
  /// How many bodies a leader runs at most before it commits.
  static let maxBodies = 1_000

  /// Runs what is queued in one transaction, commits it and answers. The caller leads, and does so no longer afterwards.
  ///
  /// - Returns: false when there was nothing that could be run on this thread.
  func runBatch(for own: QueuedWrite?) -> Bool {
    guard let first = next(for: own) else {
      giveUpLead()
      return false
    }
    let members = commitBatch(beginningWith: first, own)
    for write in members where !write.isAnswered { write.complete() }
    return true
  }

  /// What it returns has everything that callers are told, and is all that is left of the batch.
  private func commitBatch(beginningWith first: QueuedWrite, _ own: QueuedWrite?) -> [QueuedWrite] {
    guard let shared = first.shared else { return [first] }
    var members = [first]
    var ticket: CommitTicket?
    do {
      let deadline = [first.deadline, own?.deadline].compactMap(\.self).min()
      let timeout = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      var batch = try WriteBatch(shared, first.durability, timeout: timeout, at: first.store.path)
      let end = endOfBatch
      batch.run(first)
      serve(&batch, own, until: end, &members)
      ticket = try batch.commit()
    } catch {
      for write in members where write.error == nil { write.error = error }
    }
    shared.commitPath.endTurn()
    guard let ticket, !ticket.isDurable else {
      // The store's thread goes on by itself.
      giveUpLead(wakesNext: own != nil)
      return members
    }
    // Meanwhile the next batch runs, on another thread of the store's if need be.
    if own == nil { thread.beginDiskWait() }
    giveUpLead()
    finish(ticket, shared.commitPath, members)
    if own == nil { thread.endDiskWait() }
    return members
  }

  /// Runs what is queued, as long as the batch may grow.
  func serve(_ batch: inout WriteBatch, _ own: QueuedWrite?, until end: UInt64, _ members: inout [QueuedWrite]) {
    while members.count < Self.maxBodies, isOccupied {
      // Bodies of users may take any time. Verbs take microseconds, and a look at the clock is a part of one.
      if members.last?.kind == .once || members.count % 16 == 15, MonotonicClock.nanoseconds >= end { return }
      guard let write = next(for: own) else { return }
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
  func finish(_ ticket: CommitTicket, _ path: CommitPath, _ members: [QueuedWrite]) -> (any Error)? {
    if members.contains(where: { $0.durability == .full }) {
      for write in members where write.durability != .full {
        write.isAnswered = true
        write.complete()
      }
    }
    do {
      try path.waitUntilDurable(ticket)
      return nil
    } catch {
      for write in members where !write.isAnswered && write.error == nil { write.error = error }
      return error
    }
  }
}
