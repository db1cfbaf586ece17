import ControlPage
import Foundation
import Testing

@Suite("Mailboxes")
struct MailboxTests {
  /// Does all letters there are, in one turn: adds 1 to what stands in them. Returns how many.
  private func serve(_ page: ControlPage) throws -> Int {
    guard page.mailboxes.hasLetters else { return 0 }
    _ = try page.turn.take()
    let letters = page.mailboxes.take()
    for (box, letter) in letters {
      box.withBytes { $0.storeBytes(of: $0.load(as: UInt64.self) + 1, as: UInt64.self) }
      box.markExecuted(letter, transaction: 1)
      box.markCommitted(letter, position: 0)
    }
    page.mailboxes.putDown(letters.count)
    page.turn.release()
    var next: Mailbox?
    for (box, letter) in letters.reversed() where box.markDone(letter, next: next) { next = box }
    next?.wakeDone()
    return letters.count
  }

  /// What whoever has the turn next does with the letters of a dead one.
  private func settle(_ page: ControlPage, _ fate: Mailboxes.Fate) throws -> Turn.Taking {
    let taking = try page.turn.take()
    #expect(page.mailboxes.areUnsettled)
    page.mailboxes.settle { transaction in
      #expect(transaction == 7)
      return fate
    }
    #expect(!page.mailboxes.areUnsettled)
    page.turn.release()
    return taking
  }

  @Test("A letter is done by whoever has the turn, once, and its owner reads the answer")
  func delivery() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let owner = try Driver("post", path, "41")
      try owner.expect("posted")
      #expect(page.mailboxes.hasLetters)
      #expect(try serve(page) == 1)
      #expect(!page.mailboxes.hasLetters)
      #expect(try serve(page) == 0)
      #expect(page.mailboxes.doneCount == 1)
      try owner.goOn()
      try owner.expect("done 42")
    }
  }

  @Test("The letter of a dead owner is never taken, and its box is used again")
  func deadOwner() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      // More than there are boxes.
      for number in 0..<70 {
        let owner = try Driver("post", path, "\(number)")
        try owner.expect("posted")
        owner.kill()
        if number % 7 == 0 { #expect(try serve(page) == 0) }
      }
      let owner = try Driver("post", path, "1")
      try owner.expect("posted")
      #expect(try serve(page) == 1)
      try owner.goOn()
      try owner.expect("done 2")
    }
  }

  @Test("What a dead taker had taken, or executed and not committed, is left to its owner", arguments: [false, true])
  func deadTaker(isExecuted: Bool) throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let owner = try Driver("post", path, "5")
      try owner.expect("posted")
      let taker = isExecuted ? try Driver("take", path, "executed", "7") : try Driver("take", path)
      try taker.expect("took 1")
      taker.kill()
      #expect(!page.mailboxes.hasLetters)
      #expect(try settle(page, .refused) == .takenFromTheDead)
      try owner.goOn()
      try owner.expect("refused 5")
    }
  }

  @Test("What a dead taker had committed is not done again")
  func deadCommitter() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let owner = try Driver("post", path, "5")
      try owner.expect("posted")
      let taker = try Driver("take", path, "executed", "7")
      try taker.expect("took 1")
      taker.kill()
      // It dies in its turn: another one who only takes the turn decides nothing, and nothing is forgotten.
      let passing = try Driver("hold", path)
      try passing.expect("takenFromTheDead")
      passing.kill()
      #expect(try settle(page, .committed) == .takenFromTheDead)
      try owner.goOn()
      try owner.expect("orphaned 5")
    }
  }

  @Test("A box is one thread's at a time, and one that somebody is at work on is given to nobody")
  func borrowing() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      #expect(!page.mailboxes.hasOwn)
      #expect(page.mailboxes.borrow() == nil)
      _ = try page.turn.take()
      page.mailboxes.claim()
      page.turn.release()
      let box = try #require(page.mailboxes.borrow())
      #expect(page.mailboxes.borrow() == nil)
      page.mailboxes.giveBack(box)
      let again = try #require(page.mailboxes.borrow())
      page.mailboxes.post(again, length: 8)
      let taker = try Driver("take", path)
      try taker.expect("took 1")
      page.mailboxes.giveBack(again)
      #expect(again.state.phase == .taken)
      #expect(page.mailboxes.borrow() == nil)
    }
  }

  @Test("Of one who takes a letter back and one who takes it exactly one wins")
  func withdrawing() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let times = 20_000
      let owners = try (0..<3).map { _ in try Driver("correspond", path, "\(times)") }
      for owner in owners { try owner.expect("ready") }
      for owner in owners { try owner.goOn() }
      var taken = 0
      try eventually("all letters are done or taken back") {
        let end = ContinuousClock.now + .milliseconds(5)
        while ContinuousClock.now < end { taken += (try? serve(page)) ?? 0 }
        return owners.allSatisfy { !$0.isRunning }
      }
      var (withdrawn, done) = (0, 0)
      for owner in owners {
        let numbers = try #require(owner.line()).split(separator: " ").compactMap { Int($0) }
        withdrawn += numbers[0]
        done += numbers[1]
        #expect(owner.wait() == 0)
      }
      #expect(withdrawn + done == owners.count * times)
      #expect(done == taken)
      #expect(page.mailboxes.doneCount == UInt64(taken))
      #expect(withdrawn > 0 && done > 0, "both happen")
    }
  }
}
