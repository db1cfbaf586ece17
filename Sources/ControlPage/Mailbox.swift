/// Where one process leaves a letter: what it would write if it had the turn. Whoever has the turn may do that for it.
///
/// A letter goes through the phases in their order. Its owner posts it, and can withdraw it as long as nobody has taken
/// it. Letters are taken under the turn only, so that whoever has the turn knows that no other is at work on one; but its
/// last step, to `done`, comes after the turn was given back.
///
/// Who waits for a letter sleeps on the word with phase and number. A bit in it says so, so that nobody makes a system
/// call for one who does not.
package struct Mailbox: Sendable {
  package enum Phase: UInt32, Sendable {
    case empty, posted, taken
    /// The answer is in the letter; the transaction is about to be committed.
    case executed
    /// Everybody sees it. It may not be on the disk yet.
    case committed
    case done
    /// Nothing was done. The owner should do it himself.
    case refused
  }

  /// A phase of a letter.
  package struct State: Sendable, Equatable {
    let word: UInt32

    package var phase: Phase { Phase(rawValue: word & Mailbox.phaseBits) ?? .refused }
    var letter: UInt32 { word >> 4 }
  }

  fileprivate static let phaseBits: UInt32 = 7
  private static let sleeps: UInt32 = 8
  /// The longest letter, in bytes.
  package static let capacity = Layout.mailboxSize - Layout.mailLetter

  private let mapping: Mapping
  let number: Int

  init(_ mapping: Mapping, _ number: Int) {
    self.mapping = mapping
    self.number = number
  }

  private var start: Int { Layout.mailboxesStart + number * Layout.mailboxSize }
  private var stateWord: Word32 { mapping.word32(start + Layout.mailState) }
  var owner: Word64 { mapping.word64(start + Layout.mailOwner) }
  private var taker: Word64 { mapping.word64(start + Layout.mailTaker) }
  private var transactionWord: Word64 { mapping.word64(start + Layout.mailTransaction) }
  private var revisionWord: Word64 { mapping.word64(start + Layout.mailRevision) }
  private var positionWord: Word64 { mapping.word64(start + Layout.mailPosition) }
  private var lengthWord: Word32 { mapping.word32(start + Layout.mailLength) }
  private var nextWord: Word32 { mapping.word32(start + Layout.mailNext) }

  package var state: State { State(word: stateWord.loadInOrder()) }
  package var transaction: UInt64 { transactionWord.load() }
  package var revision: UInt64 { revisionWord.load() }
  package var position: UInt64 { positionWord.load() }
  package var takerID: MemberID? { MemberID(rawValue: taker.load()) }

  /// The room for the letter. The owner's, but from `taken` to `executed`, when it is the taker's.
  package func withBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
    unsafe try body(mapping.bytes(start + Layout.mailLetter, count: Self.capacity))
  }

  package var length: Int { min(Int(lengthWord.load()), Self.capacity) }

  // MARK: The owner

  /// Posts the letter whose bytes were written before.
  func post(length: Int) {
    lengthWord.store(UInt32(length))
    nextWord.store(0)
    let next = (state.letter &+ 1) << 4
    stateWord.publish(next | Phase.posted.rawValue)
  }

  /// Takes the letter back. False when it was taken.
  func withdraw() -> Bool { advance(state.letter, from: .posted, to: .empty) }

  /// Empties the box of a letter that has its answer, or whose taker is dead.
  package func clear() {
    stateWord.publish((state.letter &+ 1) << 4)
  }

  /// Sleeps until the phase changes, or somebody thinks that the owner should look; not if there is a reason, which is
  /// asked for when everybody can see that he sleeps.
  package func sleep(in state: State, timeout: Duration, unless reason: () -> Bool) {
    let awake = state.word & ~Self.sleeps
    let asleep = state.word | Self.sleeps
    guard state.word == asleep || stateWord.compareExchange(awake, asleep).exchanged else { return }
    if !reason() { _ = stateWord.wait(asleep, timeout: Int64(timeout / .nanoseconds(1))) }
    while true {
      let now = stateWord.loadInOrder()
      if now & Self.sleeps == 0 || stateWord.compareExchange(now, now & ~Self.sleeps).exchanged { return }
    }
  }

  // MARK: The taker

  /// Takes the letter. Under the turn.
  func take(_ me: MemberID) -> Bool {
    // First of all, so that a letter that is taken has a taker, dead or alive.
    taker.publish(me.rawValue)
    return advance(state.letter, from: .posted, to: .taken)
  }

  /// Before the commit of what it says.
  package func markExecuted(_ letter: State, transaction: UInt64, revision: UInt64) {
    transactionWord.store(transaction)
    revisionWord.store(revision)
    positionWord.store(0)
    _ = advance(letter.letter, from: .taken, to: .executed)
  }

  package func markCommitted(_ letter: State, position: UInt64) {
    positionWord.store(position)
    _ = advance(letter.letter, from: .executed, to: .committed)
  }

  /// Answers, with `done` or `refused`. The owner is not woken yet.
  ///
  /// - Parameter next: whom the owner is to wake when he is awake.
  package func answer(_ letter: State, _ phase: Phase, next: Mailbox? = nil) {
    while true {
      let old = State(word: stateWord.loadInOrder())
      // The owner may have gone on by himself: the box is empty then, or has another letter.
      guard old.letter == letter.letter, [.taken, .executed, .committed].contains(old.phase) else { return }
      nextWord.store(next.map { UInt32($0.number + 1) } ?? 0)
      if stateWord.compareExchange(old.word, old.word & ~Self.phaseBits | phase.rawValue).exchanged { return }
    }
  }

  /// Wakes the owner if he sleeps although he has his answer.
  package func wakeAnswered() {
    let old = State(word: stateWord.loadInOrder())
    if old.phase == .done || old.phase == .refused { _ = wake(old) }
  }

  private func wake(_ old: State) -> Bool {
    guard old.word & Self.sleeps != 0, stateWord.compareExchange(old.word, old.word & ~Self.sleeps).exchanged else {
      return false
    }
    stateWord.wake()
    return true
  }

  /// Whom the owner of an answered letter is to wake.
  package var next: Mailbox? {
    let number = Int(nextWord.load())
    return (1...Layout.mailboxCount).contains(number) ? Mailbox(mapping, number - 1) : nil
  }

  /// Makes the owner of a letter that nobody has taken look whether he can get the turn.
  ///
  /// - Returns: whether he slept.
  func nudge() -> Bool {
    let old = State(word: stateWord.loadInOrder())
    return old.phase == .posted && wake(old)
  }

  private func advance(_ letter: UInt32, from: Phase, to: Phase) -> Bool {
    while true {
      let old = State(word: stateWord.loadInOrder())
      guard old.letter == letter, old.phase == from else { return false }
      if stateWord.compareExchange(old.word, old.word & ~Self.phaseBits | to.rawValue).exchanged { return true }
    }
  }
}
