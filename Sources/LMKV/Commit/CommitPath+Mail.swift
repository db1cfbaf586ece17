internal import ControlPage
internal import LMDB

// What this process does for others, and lets others do for it.
//
// A durable commit waits for a sync, and whoever comes while one is under way waits for the next. To take the turn and
// commit meanwhile is work for nothing: two changes of threads more, and a transaction. So a process posts what it wants
// as a letter, and whoever makes the next sync does it in a transaction together with its own.
extension CommitPath {
  /// How long a letter waits before its owner does something himself: this is what the death of a taker costs.
  private static let patience = Duration.milliseconds(5)

  private var mailboxes: Mailboxes? { control?.mailboxes }

  // MARK: For others

  /// Whether there are letters that nobody has taken.
  @inline(__always) var hasLetters: Bool { mailboxes?.hasLetters ?? false }

  /// Takes what others want done, for the batch that the leader is about to commit.
  func takeMail(_ store: Store, _ shared: SharedStore) -> [TakenLetter] {
    guard hasTurn, let mailboxes, mailboxes.hasLetters, store.configuration.clock.isSystem else { return [] }
    mail = mailboxes.take().compactMap { TakenLetter($0, store, shared) }
    return mail
  }

  /// Leaves what was taken to its owners.
  func refuseMail() {
    mail.refuse()
    mail = []
  }

  /// Ends the turn after a batch. What it did for others is yet to be answered.
  func endBatch() -> [TakenLetter] {
    endTurn()
    defer { mail = [] }
    return mail
  }

  /// Wakes somebody with a letter, so that it is not forgotten: the last word of one who has made a sync. If he comes
  /// back before that one is awake, which he does where much is written, he takes the letter himself.
  func nudge() { mailboxes?.nudge() }

  // MARK: By others

  /// Whether letters can be posted at all.
  var hasBox: Bool { mailboxes?.own != nil }

  /// Whether it is better to let others do it: they have the turn, or make the sync that it would have to wait for.
  var isOthersTurn: Bool {
    guard let control, let state = persistence?.state, control.mailboxes.own != nil else { return false }
    let syncing = state[.syncOwner]
    return control.turn.isOthers || syncing != 0 && syncing != control.me.rawValue
  }

  /// Posts a verb as a letter, and waits until it is done.
  ///
  /// - Returns: the answer; nil where it is still to be done the ordinary way, perhaps with the turn already in hand.
  func deliver(_ verb: PlainVerb) throws -> Int64? {
    guard let box = mailboxes?.own, let end = unsafe box.withBytes({ unsafe verb.write(to: $0, at: 0) }) else { return nil }
    return try post(box, length: end) { unsafe box.withBytes { unsafe PlainVerb.answer($0, at: 0) } }
  }

  /// Posts writes as a letter, and waits until they are done.
  ///
  /// - Returns: those that are still to be done the ordinary way, perhaps with the turn already in hand. The others have
  ///   an answer or an error.
  func deliver(_ writes: [QueuedWrite]) -> [QueuedWrite] {
    guard let box = mailboxes?.own else { return writes }
    var offsets: [Int] = []
    var end = 0
    unsafe box.withBytes { bytes in
      for write in writes {
        guard let verb = write.plainVerb(), let next = unsafe verb.write(to: bytes, at: end) else { break }
        offsets.append(end)
        end = next
      }
    }
    guard !offsets.isEmpty else { return writes }
    let others = writes.dropFirst(offsets.count)
    do {
      let refused = try post(box, length: end) {
        unsafe box.withBytes { bytes in
          zip(writes, offsets).filter { write, offset in
            guard let answer = unsafe PlainVerb.answer(bytes, at: offset) else { return true }
            write.accept(answer)
            return false
          }
        }
      }
      return refused.map { $0.map(\.0) + others } ?? writes
    } catch {
      for write in writes.prefix(offsets.count) { write.error = error }
      return Array(others)
    }
  }

  /// Posts the letter in the box, and calls `read` when it is done. Nil when it is taken back, and nothing was done.
  private func post<Answer>(_ box: Mailbox, length: Int, _ read: () -> Answer?) throws -> Answer? {
    mailboxes?.post(box, length: length)
    defer { box.clear() }
    do {
      return try wait(box) ? read() : nil
    } catch {
      endTurn()
      throw error
    }
  }

  /// Returns false when the letter is taken back, and nothing of it was done.
  private func wait(_ box: Mailbox) throws -> Bool {
    guard let mailboxes else { return false }
    let patience = MonotonicClock.nanoseconds + Self.patience.nanoseconds
    while true {
      let state = box.state
      switch state.phase {
      case .done, .refused:
        // The one who did it has woken only the first.
        if let next = box.next { next.wakeAnswered() } else { nudge() }
        return state.phase == .done
      case .empty:
        return false
      case .posted where !isOthersTurn:
        guard try takeTurn({ (turn) throws(TurnError) in try turn.takeIfFree() }) else { break }
        if mailboxes.withdraw(box) { return false }
        endTurn()
        continue
      case .posted, .taken, .executed, .committed:
        guard MonotonicClock.nanoseconds >= patience else { break }
        if let isDone = try actAlone(box, state.phase) { return isDone }
      }
      box.sleep(in: state, timeout: Self.patience) { state.phase == .posted && !isOthersTurn }
    }
  }

  /// What the owner of a letter does when it takes too long. Nil where there is nothing but to wait on.
  private func actAlone(_ box: Mailbox, _ phase: Mailbox.Phase) throws -> Bool? {
    switch phase {
    case .posted:
      // The ordinary way, where the kernel tells of a death.
      return mailboxes?.withdraw(box) == true ? false : nil
    case .committed:
      try waitUntilDurable(CommitTicket(redoPosition: box.position))
      return true
    case .taken, .executed:
      if let taker = box.takerID, control?.members.isAlive(taker) == true { return nil }
      return try resolve(box)
    case .empty, .done, .refused:
      return nil
    }
  }

  /// Finds out what became of a letter whose taker has died. Nil where he lives after all.
  private func resolve(_ box: Mailbox) throws -> Bool? {
    guard let persistence else { return false }
    _ = try takeTurn { (turn) throws(TurnError) in try turn.take() }
    let phase = box.state.phase
    guard [.taken, .executed].contains(phase) else {
      endTurn()
      return nil
    }
    // Nobody else works on it: that needs the turn.
    guard phase == .executed, try isCommitted(box.transaction, box.revision) else { return false }
    defer { endTurn() }
    // How far the log would have to be on the disk only the dead one knew.
    try persistence.checkpointNow(environment)
    return true
  }

  private func isCommitted(_ transaction: UInt64, _ revision: UInt64) throws -> Bool {
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    guard unsafe snapshot.raw.id >= transaction, let head = unsafe try Head.read(snapshot.raw) else { return false }
    return head.revision >= revision
  }
}
