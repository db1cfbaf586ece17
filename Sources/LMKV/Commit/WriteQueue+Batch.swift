internal import LMDBPlatform

extension WriteQueue {
  /// How many bodies a leader runs at most before it commits.
  static let maxBodies = 1_000
  /// For how long it goes on running bodies, in nanoseconds. One that has begun is finished.
  static let maxTime: UInt64 = 1_000_000

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
      var batch = try WriteBatch(shared, first.durability, deadline: deadline, at: first.store.path)
      batch.run(first)
      serve(&batch, own, &members)
      ticket = try batch.commit()
    } catch {
      for write in members where write.error == nil { write.error = error }
    }
    shared.commitPath.endTurn()
    giveUpLead()
    if let ticket { finish(ticket, shared.commitPath, members) }
    return members
  }

  /// Runs what is queued, as long as the batch may grow.
  func serve(_ batch: inout WriteBatch, _ own: QueuedWrite?, _ members: inout [QueuedWrite]) {
    guard isOccupied else { return }
    let end = Self.now + Self.maxTime
    while members.count < Self.maxBodies, let write = next(for: own) {
      members.append(write)
      batch.run(write)
      if write.kind == .once || members.count.isMultiple(of: 16), Self.now >= end { return }
    }
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

  private static var now: UInt64 {
    var time = timespec()
    // The clock always exists and the pointer is to a local variable, so there is no failure to report.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
