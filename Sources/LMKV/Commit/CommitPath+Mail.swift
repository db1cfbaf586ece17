internal import ControlPage
internal import LMDB

// What this process does for others, and lets others do for it.
//
// A change of threads costs several times as much as a short transaction. So a process whose turn it is not does not
// wait for the turn to do one increment. It posts what it wants as a letter, and whoever has the turn does it in a
// transaction together with its own, and with one sync.
extension CommitPath {
  /// How long a letter waits before its owner does something himself: this is what the death of a taker costs.
  private static let patience = Duration.milliseconds(5)

  private var mailboxes: Mailboxes? { control?.mailboxes }

  // MARK: For others

  /// Whether there are letters that nobody has taken.
  @inline(__always) var hasLetters: Bool { mailboxes?.hasLetters ?? false }

  /// Takes what others want done, for the batch that the leader is about to commit.
  ///
  /// - Parameter durability: the leader's own. Who does not wait for the disk does nothing for those who do.
  func takeMail(_ store: Store, _ shared: SharedStore, _ durability: Durability) -> [TakenLetter] {
    guard hasTurn, let mailboxes, mailboxes.hasLetters, store.configuration.clock.isSystem else { return [] }
    mail = mailboxes.take(isDurable: durability == .full).compactMap { TakenLetter($0, store, shared) }
    return mail
  }

  /// Leaves what was taken to its owners.
  func refuseMail() {
    for letter in mail { letter.answer(.refused) }
    mail = []
  }

  /// Ends the turn after a batch. What it did for others is yet to be answered.
  func endBatch() -> [TakenLetter] {
    endTurn()
    defer { mail = [] }
    return mail
  }

  // MARK: By others

  /// Whether letters can be posted at all.
  var hasBox: Bool { mailboxes?.own != nil }

  /// Whether it is better to let others do it: they have the turn, or make the sync that it would have to wait for.
  func isOthersTurn(_ durability: Durability) -> Bool {
    guard let control, control.mailboxes.own != nil else { return false }
    return control.turn.isOthers || durability == .full && isOthersSync
  }

  private var isOthersSync: Bool {
    guard let control, let state = persistence?.state else { return false }
    let owner = state[.lanes]
    return owner != 0 && owner != control.me.rawValue
  }

  /// Posts writes as a letter, and waits until they are done.
  ///
  /// - Returns: those that are still to be done the ordinary way, perhaps with the turn already in hand. The others have
  ///   an answer or an error.
  func deliver(_ writes: [QueuedWrite]) -> [QueuedWrite] {
    guard let mailboxes, let box = mailboxes.own else { return writes }
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
    let posted = writes.prefix(offsets.count)
    let interval = posted.map(\.durability.interval).min() ?? 0
    mailboxes.post(box, length: end, interval: interval)
    defer { box.clear() }
    do {
      guard try wait(box, isDurable: interval == 0) else { return writes }
    } catch {
      for write in posted { write.error = error }
      return Array(writes.dropFirst(offsets.count))
    }
    return unsafe box.withBytes { bytes in
      let refused = zip(posted, offsets).filter { write, offset in
        guard let answer = unsafe PlainVerb.answer(bytes, at: offset) else { return true }
        write.accept(answer)
        return false
      }
      return refused.map(\.0) + writes.dropFirst(offsets.count)
    }
  }

  /// Returns false when the letter is taken back, and nothing of it was done.
  private func wait(_ box: Mailbox, isDurable: Bool) throws -> Bool {
    guard let control, let mailboxes else { return false }
    let patience = ContinuousClock.now + Self.patience
    while true {
      let state = box.state
      let isLate = ContinuousClock.now >= patience
      switch state.phase {
      case .done:
        return true
      case .refused, .empty:
        return false
      case .posted where isLate:
        // The ordinary way, where the kernel tells of a death.
        if mailboxes.withdraw(box) { return false }
        continue
      case .posted where !isOthersTurn(isDurable ? .full : .relaxed()):
        guard try takeTurn({ (turn) throws(TurnError) in try turn.takeIfFree() }) else { break }
        if mailboxes.withdraw(box) { return false }
        endTurn()
        continue
      case .committed where isLate:
        try waitUntilDurable(CommitTicket(redoPosition: box.position))
        return true
      case .taken where isLate, .executed where isLate:
        if let taker = box.takerID, control.members.isAlive(taker) { break }
        if let isDone = try resolve(box, isDurable) { return isDone }
        continue
      case .posted, .taken, .executed, .committed:
        break
      }
      box.sleep(in: state, timeout: Self.patience) {
        state.phase == .posted && !isOthersTurn(isDurable ? .full : .relaxed())
      }
    }
  }

  /// Finds out what became of a letter whose taker has died. Nil where he lives after all.
  private func resolve(_ box: Mailbox, _ isDurable: Bool) throws -> Bool? {
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
    if isDurable { try persistence.checkpointNow(environment) }
    return true
  }

  private func isCommitted(_ transaction: UInt64, _ revision: UInt64) throws -> Bool {
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    guard unsafe snapshot.raw.id >= transaction, let head = unsafe try Head.read(snapshot.raw) else { return false }
    return head.revision >= revision
  }
}

extension Durability {
  /// As in a letter.
  fileprivate var interval: UInt64 {
    if case .relaxed(let interval) = self { max(interval.nanoseconds, 1) } else { 0 }
  }
}
