internal import Synchronization

/// The mailboxes of all processes, and which of them have letters.
///
/// A process gets a box when it writes for the first time, and keeps it. Those that come when there is none left do
/// without.
package final class Mailboxes: Sendable {
  private static let notYet = -1
  private static let without = -2

  private let mapping: Mapping
  private let members: Members
  /// The boxes with a letter that nobody has taken. A bit too much does no harm, and one too few costs time.
  private let letters: Word64
  /// At least the boxes whose letters are taken or executed. Changes under the turn.
  private let inHand: Word64
  private let done: Word64
  /// The number of this process's box.
  private let ownNumber = Atomic(notYet)
  private let isBorrowed = Atomic(false)

  init(_ mapping: Mapping, _ members: Members) {
    self.mapping = mapping
    self.members = members
    letters = mapping.word64(Layout.letters)
    inHand = mapping.word64(Layout.lettersInHand)
    done = mapping.word64(Layout.lettersDone)
  }

  private static func bit(_ number: Int) -> UInt64 { 1 << UInt64(number) }

  private func boxes(_ bits: UInt64) -> [Mailbox] {
    (0..<Layout.mailboxCount).compactMap { bits & Self.bit($0) == 0 ? nil : Mailbox(mapping, $0) }
  }

  /// Whether there are letters that nobody has taken.
  @inline(__always) package var hasLetters: Bool { letters.load() != 0 }

  /// How many letters of all processes were done by others since the page was made.
  package var doneCount: UInt64 { done.load() }

  // MARK: The own box

  /// Whether this process has a box.
  @inline(__always) package var hasOwn: Bool { ownNumber.load(ordering: .relaxed) >= 0 }

  /// Gets a box for this process, if it has none. Under the turn, when nobody has letters in hand.
  package func claim() {
    guard ownNumber.load(ordering: .relaxed) == Self.notYet else { return }
    for number in 0..<Layout.mailboxCount {
      let box = Mailbox(mapping, number)
      let owner = box.owner.load()
      if let member = MemberID(rawValue: owner), members.isAlive(member) { continue }
      guard box.owner.compareExchange(owner, members.me.rawValue).exchanged else { continue }
      letters.clear(Self.bit(number))
      box.clear()
      ownNumber.store(number, ordering: .releasing)
      return
    }
    ownNumber.store(Self.without, ordering: .relaxed)
  }

  /// Gives the box up for good. Nobody uses it any more.
  func end() {
    let number = ownNumber.exchange(Self.without, ordering: .acquiring)
    if number >= 0 { _ = Mailbox(mapping, number).owner.compareExchange(members.me.rawValue, 0) }
  }

  /// This process's box, for one letter. Nil where there is none, or another thread has it.
  package func borrow() -> Mailbox? {
    let number = ownNumber.load(ordering: .acquiring)
    guard number >= 0, !isBorrowed.exchange(true, ordering: .acquiring) else { return nil }
    return Mailbox(mapping, number)
  }

  /// Gives the box back, empty.
  package func giveBack(_ box: Mailbox) {
    withdraw(box)
    switch box.state.phase {
    case .taken, .executed:
      // After an error. Whoever is at work on the letter is to find it as it was, so nobody gets the box any more.
      return
    case .empty, .posted, .committed, .done, .refused, .orphaned:
      box.clear()
      isBorrowed.store(false, ordering: .releasing)
    }
  }

  /// Posts the letter that was written into a box.
  package func post(_ box: Mailbox, length: Int) {
    box.post(length: length)
    letters.set(Self.bit(box.number))
  }

  /// Takes the letter back. False when somebody has taken it.
  @discardableResult
  package func withdraw(_ box: Mailbox) -> Bool {
    guard box.withdraw() else { return false }
    letters.clear(Self.bit(box.number))
    return true
  }

  // MARK: The letters of others. Under the turn, unless it says otherwise.

  /// Takes the letters of all others who live.
  package func take() -> [(box: Mailbox, letter: Mailbox.State)] {
    let bits = letters.load()
    // First of all, so that whoever has the turn next knows of every letter that is taken.
    inHand.publish(bits)
    return boxes(bits).compactMap { box in
      // Its own is that of a thread that used the store before it was closed and opened again.
      guard let owner = MemberID(rawValue: box.owner.load()), owner != members.me else { return nil }
      letters.clear(Self.bit(box.number))
      guard members.isAlive(owner), let letter = box.take() else { return nil }
      return (box, letter)
    }
  }

  /// Notes that so many letters were committed, and that none is in hand any more.
  package func putDown(_ count: Int) {
    done.store(done.load() &+ UInt64(count))
    inHand.publish(0)
  }

  /// Whether somebody has died, or failed, with letters in hand.
  @inline(__always) package var areUnsettled: Bool { inHand.load() != 0 }

  /// What became of a letter that somebody had in hand.
  package enum Fate: Sendable {
    case committed, refused
    /// There is no evidence left.
    case unknown
  }

  /// Decides what became of letters in hand, before anybody commits anything else: those that were not committed never
  /// will be.
  package func settle(_ fate: (_ transaction: UInt64) -> Fate) {
    for box in boxes(inHand.load()) {
      let letter = box.state
      switch letter.phase {
      case .executed:
        let fate = fate(box.transaction)
        if fate == .refused { box.refuse(letter) } else { box.orphan(letter, isCertain: fate == .committed) }
      case .taken: box.refuse(letter)
      case .empty, .posted, .committed, .done, .refused, .orphaned: break
      }
    }
    inHand.publish(0)
  }

  /// Wakes one of those whose letters nobody has taken, so that he takes the turn himself. Needs no turn.
  package func nudge() {
    let bits = letters.loadInOrder()
    if bits == 0 { return }
    // Round and round, so that nobody is forgotten.
    let own = max(ownNumber.load(ordering: .relaxed), 0)
    for step in 1...Layout.mailboxCount {
      let number = (own + step) % Layout.mailboxCount
      if bits & Self.bit(number) != 0, Mailbox(mapping, number).nudge() { return }
    }
  }
}
