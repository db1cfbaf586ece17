internal import ControlPage
internal import LMDB

// What this process does for others, and lets others do for it.
//
// A durable commit waits for a sync, and whoever comes while one is under way waits for the next. To take the turn and
// commit meanwhile is work for nothing: two changes of threads more, and a transaction. So a process posts what it wants
// as a letter, and whoever makes the next sync does it in a transaction together with its own.
extension CommitPath {
  /// How long a letter waits before its owner does something himself: this is what the death of a taker costs.
  static let patience = Duration.milliseconds(5)

  private var mailboxes: Mailboxes? { control?.mailboxes }

  // MARK: For others

  /// Whether there are letters that nobody has taken.
  @inline(__always) var hasLetters: Bool { mailboxes?.hasLetters ?? false }

  /// Takes what others want done, for the batch that the leader is about to commit.
  func takeMail(_ store: Store, _ shared: SharedStore) -> [TakenLetter] {
    guard hasTurn, let mailboxes, mailboxes.hasLetters, store.configuration.clock.isSystem else { return [] }
    mail = mailboxes.take().compactMap { TakenLetter($0.box, $0.letter, store, shared) }
    return mail
  }

  /// What was taken is committed, and nobody else needs to look after it, but for the disk.
  func putMailDown(position: UInt64?) {
    guard !mail.isEmpty else { return }
    for letter in mail { letter.markCommitted(position: position) }
    mailboxes?.putDown(mail.count)
  }

  /// Decides on the letters of one who died with them in hand, or whose commit failed. Under the turn, and before
  /// anybody commits something else, after which nobody could tell.
  func settleMail() throws {
    guard let mailboxes, mailboxes.areUnsettled else { return }
    // Not by what readers see: who dies in the middle of LMDB's commit leaves one that is valid, and that nobody sees until
    // the next one takes LMDB's lock.
    let writing = try environment.beginWrite()
    // Which commit of ours was the last one says the head. Programs that know nothing of us may have committed since, and
    // may even have raised the revision: they leave the stamp as it is, or drop it with the rest of the record.
    let stamp = unsafe try Head.read(writing.raw)?.stamp
    mailboxes.settle { transaction in
      guard let stamp, stamp <= transaction else { return .unknown }
      return stamp == transaction ? .committed : .refused
    }
  }

  /// How many letters of all processes others have done, since the first of them opened the store.
  var lettersDone: UInt64 { mailboxes?.doneCount ?? 0 }

  /// Wakes somebody with a letter, so that it is not forgotten: the last word of one who has made a sync. If he comes
  /// back before that one is awake, which he does where much is written, he takes the letter himself.
  func nudge() { mailboxes?.nudge() }

  // MARK: By others

  /// Whether letters can be posted at all.
  @inline(__always) var hasBox: Bool { mailboxes?.hasOwn ?? false }

  /// Whether it is better to let others do it: they make the sync that it would have to wait for, or have the turn and
  /// will make one.
  var isOthersTurn: Bool {
    guard let control, let state = persistence?.state else { return false }
    let syncing = state[.syncOwner]
    return syncing != 0 && syncing != control.me.rawValue || state.flag(.isForFull) && control.turn.isOthers
  }

  private var isTurnForNoSync: Bool { control?.turn.isOthers == true && !isOthersTurn }

  /// Lets others do what is at the front of some writes. Waits until it is done.
  ///
  /// - Returns: those that are still to be done the ordinary way, perhaps with the turn already in hand. The others have
  ///   their answers or errors.
  func deliver(_ writes: [QueuedWrite]) -> [QueuedWrite] {
    guard let mailboxes, let box = mailboxes.borrow() else { return writes }
    defer { mailboxes.giveBack(box) }
    var offsets: [Int] = []
    var end = 0
    unsafe box.withBytes { bytes in
      for write in writes {
        guard let verb = write.plainVerb(), let next = unsafe verb.write(to: bytes, at: end) else { break }
        offsets.append(end)
        end = next
      }
    }
    guard end > 0 else { return writes }
    mailboxes.post(box, length: end)
    do {
      let deadline = writes.prefix(offsets.count).map(\.deadline).max() ?? .max
      guard try wait(mailboxes, box, until: deadline) else { return writes }
    } catch {
      endTurn()
      let isUndone = mailboxes.withdraw(box) || box.state.phase == .refused
      let error = isUndone ? error : LMKVError.outcomeUnknown(environment.path, handedOver: error)
      for write in writes.prefix(offsets.count) { write.error = error }
      return Array(writes.dropFirst(offsets.count))
    }
    let refused = unsafe box.withBytes { bytes in
      zip(writes, offsets).filter { write, offset in
        guard let answer = unsafe PlainVerb.answer(bytes, at: offset) else { return true }
        write.accept(answer)
        return false
      }
    }
    return refused.map(\.0) + writes.dropFirst(offsets.count)
  }

  /// Waits until a letter is done. False when nothing of it was done nor ever will be.
  ///
  /// - Parameter deadline: when not to wait any longer for one who has it in hand and does not go on.
  private func wait(_ mailboxes: Mailboxes, _ box: Mailbox, until deadline: UInt64) throws -> Bool {
    let end = MonotonicClock.nanoseconds + Self.patience.nanoseconds
    while true {
      let state = box.state
      let isLate = MonotonicClock.nanoseconds >= end
      switch state.phase {
      case .done:
        // Whoever did it has woken only the first. The last one looks after those who came too late for it.
        if let next = box.next { next.wakeDone() } else { nudge() }
        return true
      case .empty, .refused:
        return false
      case .posted where isLate:
        // The ordinary way, where the kernel tells of a death.
        try persistence?.releaseDeadSync()
        if mailboxes.withdraw(box) { return false }
      case .posted where !isOthersTurn:
        // If somebody is faster, he takes the letter. Not if he does without a sync: then we wait in line.
        guard try takeTurn({ (turn) throws(TurnError) in try turn.tryTake() }) || isTurnForNoSync else { break }
        if mailboxes.withdraw(box) { return false }
        endTurn()
      case .taken where isLate, .executed where isLate:
        // He may be dead. Whoever gets the turn then decides what became of it.
        if try takeTurn({ (turn) throws(TurnError) in try turn.tryTake() }) {
          endTurn()
        } else if MonotonicClock.nanoseconds >= deadline {
          throw LMKVError.outcomeUnknown(inHandOf: control?.turn.holder?.description, environment.path)
        }
      case .committed where isLate:
        try waitUntilDurable(CommitTicket(redoPosition: box.position))
        return true
      case .orphaned where box.isUncertain:
        throw LMKVError.outcomeUnknown(evidenceGone: environment.path)
      case .orphaned:
        try bringToDisk(until: deadline)
        return true
      case .posted, .taken, .executed, .committed:
        break
      }
      box.sleep(in: state, timeout: Self.patience) { state.phase == .posted && !isOthersTurn }
    }
  }

  /// Brings all that is committed to the disk. How far the log would have to be for it nobody knows any more.
  private func bringToDisk(until deadline: UInt64) throws {
    do {
      _ = try takeTurn(timeout: MonotonicClock.timeLeft(until: deadline)) { true }
      defer { endTurn() }
      try persistence?.cleanNow(environment)
    } catch {
      throw LMKVError.outcomeUnknown(environment.path, unsynced: error)
    }
  }
}
