import ControlPage
import LMDBPlatform

extension ControlPageDriver {
  /// Gets a box, posts a letter with a number in it, and says what became of it when told.
  static func post(_ path: String, _ arguments: [String]) throws {
    let page = try page(path)
    let box = try box(page)
    box.withBytes { $0.storeBytes(of: UInt64(arguments.first ?? "") ?? 0, as: UInt64.self) }
    page.mailboxes.post(box, length: 8)
    pause("posted")
    say("\(box.state.phase) \(box.withBytes { $0.load(as: UInt64.self) })")
    page.mailboxes.giveBack(box)
  }

  private static func box(_ page: ControlPage) throws -> Mailbox {
    _ = try page.turn.take()
    page.mailboxes.claim()
    page.turn.release()
    guard let box = page.mailboxes.borrow() else { exit(65) }
    return box
  }

  /// Takes letters with the turn, says how many, and keeps all: `take PATH [executed TRANSACTION]`.
  static func takeLetters(_ path: String, _ arguments: [String]) throws {
    let page = try page(path)
    _ = try page.turn.take()
    let letters = page.mailboxes.take()
    if arguments.first == "executed" {
      for (box, letter) in letters {
        box.markExecuted(letter, transaction: UInt64(arguments[1]) ?? 0)
      }
    }
    pause("took \(letters.count)")
  }

  /// Posts so many letters, takes some of them back, or tries to, and waits for the others. Says how many it took back,
  /// and how many were done.
  static func correspond(_ path: String, _ arguments: [String]) throws {
    let page = try page(path)
    let box = try box(page)
    var (withdrawn, done) = (0, 0)
    pause("ready")
    for number in 0..<(UInt64(arguments.first ?? "") ?? 0) {
      box.withBytes { $0.storeBytes(of: number, as: UInt64.self) }
      page.mailboxes.post(box, length: 8)
      let spins = Int.random(in: 0..<2_000)
      for _ in 0..<spins where box.state.phase == .posted {}
      if page.mailboxes.withdraw(box) {
        withdrawn += 1
        continue
      }
      while box.state.phase != .done {
        let state = box.state
        if state.phase != .done { box.sleep(in: state, timeout: .seconds(60)) { false } }
      }
      box.next?.wakeDone()
      // Once, and not twice.
      guard box.withBytes({ $0.load(as: UInt64.self) }) == number + 1 else { exit(66) }
      done += 1
    }
    page.mailboxes.giveBack(box)
    say("\(withdrawn) \(done)")
  }
}
