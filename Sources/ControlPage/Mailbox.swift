/// Where one process leaves a letter: what it would write if it had the turn. Whoever has the turn may do that for it.
///
/// A letter goes through its phases in their order. Its owner posts it, and can withdraw it as long as nobody has taken
/// it. It is taken, executed and committed by one process during one turn, so that whoever has the turn knows that no
/// other is at work on one; the last step, to `done`, comes after the turn was given back.
///
/// The owner sleeps on the word with phase and number. A bit in it says so, so that nobody makes a system call for one
/// who does not sleep.
package struct Mailbox: Sendable {
  package enum Phase: UInt32, Sendable {
    case empty, posted, taken
    /// The answer is in the letter; the transaction is about to be committed.
    case executed
    /// Everybody sees it. It may not be on the disk yet.
    case committed
    case done
    /// Nothing was done, and nobody will. The owner does it himself.
    case refused
    /// Committed, and whoever did it has died or failed before it was safe. The owner brings it to the disk. Or nobody can
    /// tell whether it was committed, which the owner then says.
    case orphaned
  }

  /// The phase of a letter, and which letter it is.
  package struct State: Sendable, Equatable {
    let word: UInt32

    /// All values of three bits are phases.
    package var phase: Phase { Phase(rawValue: word & Mailbox.phaseBits) ?? .empty }
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
  private var transactionWord: Word64 { mapping.word64(start + Layout.mailTransaction) }
  private var positionWord: Word64 { mapping.word64(start + Layout.mailPosition) }
  private var lengthWord: Word32 { mapping.word32(start + Layout.mailLength) }
  private var nextWord: Word32 { mapping.word32(start + Layout.mailNext) }

  package var state: State { State(word: stateWord.loadInOrder()) }
  var transaction: UInt64 { transactionWord.load() }
  /// Whether nobody can tell what became of an orphaned letter.
  package var isUncertain: Bool { positionWord.load() == Self.uncertain }
  private static let uncertain = UInt64.max
  /// How far the redo log must be on the disk for a letter that is committed.
  package var position: UInt64 { positionWord.load() }
  package var length: Int { min(Int(lengthWord.load()), Self.capacity) }

  /// The room for the letter. The taker's from `taken` to `committed`, and otherwise the owner's.
  package func withBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
    unsafe try body(mapping.bytes(start + Layout.mailLetter, count: Self.capacity))
  }

  /// Goes on to a phase. False when the box has another letter, or the letter another phase.
  private func advance(_ letter: State, from phases: Phase..., to phase: Phase) -> Bool {
    while true {
      let old = state
      guard old.letter == letter.letter, phases.contains(old.phase) else { return false }
      if stateWord.compareExchange(old.word, old.word & ~Self.phaseBits | phase.rawValue).exchanged { return true }
    }
  }

  // MARK: The owner

  /// Posts the letter whose bytes were written before.
  func post(length: Int) {
    lengthWord.store(UInt32(length))
    nextWord.store(0)
    stateWord.publish((state.letter &+ 1) << 4 | Phase.posted.rawValue)
  }

  /// Takes the letter back. False when it was taken.
  func withdraw() -> Bool { advance(state, from: .posted, to: .empty) }

  /// Empties the box. Who still wants to answer the former letter finds that it is gone.
  func clear() {
    stateWord.publish((state.letter &+ 1) << 4)
  }

  /// Sleeps until the phase changes, or somebody thinks that the owner should look; not if there is a reason, which is
  /// asked for when everybody can see that he sleeps.
  package func sleep(in state: State, timeout: Duration, unless reason: () -> Bool) {
    let awake = state.word & ~Self.sleeps
    let asleep = state.word | Self.sleeps
    guard stateWord.compareExchange(awake, asleep).exchanged else { return }
    if !reason() { _ = stateWord.wait(asleep, timeout: Int64(timeout / .nanoseconds(1))) }
    while true {
      let now = stateWord.loadInOrder()
      if now & Self.sleeps == 0 || stateWord.compareExchange(now, now & ~Self.sleeps).exchanged { return }
    }
  }

  /// Whom the owner of a letter that is done is to wake.
  package var next: Mailbox? {
    let number = Int(nextWord.load())
    return (1...Layout.mailboxCount).contains(number) ? Mailbox(mapping, number - 1) : nil
  }

  // MARK: The taker

  /// Takes the letter, if there is one.
  func take() -> State? {
    let letter = state
    return advance(letter, from: .posted, to: .taken) ? letter : nil
  }

  /// Before the commit of what it says.
  package func markExecuted(_ letter: State, transaction: UInt64) {
    transactionWord.store(transaction)
    _ = advance(letter, from: .taken, to: .executed)
  }

  /// After the commit, or where there was nothing to commit.
  package func markCommitted(_ letter: State, position: UInt64) {
    positionWord.store(position)
    _ = advance(letter, from: .taken, .executed, to: .committed)
  }

  /// It is on the disk. The owner is not woken yet.
  ///
  /// - Parameter next: whom the owner is to wake when he is awake.
  /// - Returns: false when the owner has not waited for it.
  package func markDone(_ letter: State, next: Mailbox?) -> Bool {
    nextWord.store(next.map { UInt32($0.number + 1) } ?? 0)
    return advance(letter, from: .committed, to: .done)
  }

  /// Leaves the letter to its owner, and wakes him.
  package func refuse(_ letter: State) {
    if advance(letter, from: .taken, .executed, to: .refused) { _ = wake(state) }
  }

  /// The same for one that is committed, or of which nobody can tell.
  func orphan(_ letter: State, isCertain: Bool) {
    positionWord.store(isCertain ? 0 : Self.uncertain)
    if advance(letter, from: .executed, to: .orphaned) { _ = wake(state) }
  }

  /// Wakes the owner if he sleeps although his letter is done.
  package func wakeDone() {
    let old = state
    if old.phase == .done { _ = wake(old) }
  }

  /// Makes the owner of a letter that nobody has taken look whether he can get the turn.
  ///
  /// - Returns: whether he slept.
  func nudge() -> Bool {
    let old = state
    return old.phase == .posted && wake(old)
  }

  private func wake(_ old: State) -> Bool {
    guard old.word & Self.sleeps != 0, stateWord.compareExchange(old.word, old.word & ~Self.sleeps).exchanged else {
      return false
    }
    stateWord.wake()
    return true
  }
}
