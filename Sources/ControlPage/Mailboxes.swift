internal import Synchronization

/// The mailboxes of all processes, and which of them have letters.
///
/// A process gets a box when it writes for the first time, and keeps it. Those that come when there is none left do
/// without.
package final class Mailboxes: Sendable {
  private let mapping: Mapping
  private let members: Members
  private let letters: Word64
  /// The number of this process's box; -1: none yet; -2: there was none left.
  private let ownNumber = Atomic(-1)

  init(_ mapping: Mapping, _ members: Members) {
    self.mapping = mapping
    self.members = members
    letters = mapping.word64(Layout.letters)
  }

  /// This process's box.
  package var own: Mailbox? {
    let number = ownNumber.load(ordering: .acquiring)
    return number < 0 ? nil : Mailbox(mapping, number)
  }

  /// Gets a box for this process, if it has none. Under the turn, when nobody works on the letters of the dead.
  package func claim() {
    guard ownNumber.load(ordering: .relaxed) == -1 else { return }
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
    ownNumber.store(-2, ordering: .relaxed)
  }

  /// Gives the box back. Nobody uses it any more.
  func end() {
    guard let own else { return }
    ownNumber.store(-2, ordering: .relaxed)
    _ = own.owner.compareExchange(members.me.rawValue, 0)
  }

  /// Whether there are letters at all.
  @inline(__always) package var hasLetters: Bool { letters.load() != 0 }

  /// Posts the letter that was written into a box.
  package func post(_ box: Mailbox, length: Int) {
    box.post(length: length)
    letters.set(Self.bit(box.number))
  }

  /// Takes the letter back. False when somebody has taken it.
  package func withdraw(_ box: Mailbox) -> Bool {
    guard box.withdraw() else { return false }
    forget(box)
    return true
  }

  /// Takes the letters of all who live. Under the turn.
  package func take() -> [Mailbox] {
    var bits = letters.load()
    var taken: [Mailbox] = []
    while bits != 0 {
      let number = bits.trailingZeroBitCount
      bits &= bits - 1
      let box = Mailbox(mapping, number)
      forget(box)
      guard let owner = MemberID(rawValue: box.owner.load()), owner != members.me, members.isAlive(owner) else { continue }
      if box.take(members.me) { taken.append(box) }
    }
    return taken
  }

  /// Wakes one of those whose letters nobody has taken, so that he takes the turn himself.
  package func nudge() {
    let bits = letters.loadInOrder()
    if bits == 0 { return }
    // In turn, so that nobody is forgotten.
    let own = max(ownNumber.load(ordering: .relaxed), 0)
    for step in 1...Layout.mailboxCount {
      let number = (own + step) % Layout.mailboxCount
      if bits & Self.bit(number) != 0, Mailbox(mapping, number).nudge() { return }
    }
  }

  private func forget(_ box: Mailbox) {
    letters.clear(Self.bit(box.number))
  }

  private static func bit(_ number: Int) -> UInt64 { 1 << UInt64(number) }
}
