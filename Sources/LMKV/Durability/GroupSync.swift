internal import ControlPage
internal import LMDB

/// One sync of the redo log for all who wait for one, in all processes.
///
/// A sync brings to the disk what was written before it began. So who comes while one is under way waits for the next,
/// and the first of those makes it. Waiters sleep on a word that counts the rounds, with the bit of the round that will
/// serve them: nobody is woken for another's round.
///
/// Two syncs at once were tried. They serve half as many commits each, and cost the processor more than the disk, which
/// does both in 1.4 times the time of one, gives back.
struct GroupSync {
  /// Who sleeps looks again after so long: whoever syncs for him may have been killed.
  private static let patience = Duration.milliseconds(5)

  /// After so long, in nanoseconds, whoever syncs is taken for one that stands still (SIGSTOP, a debugger), and somebody
  /// else syncs. With a disk that is slow two do; that does no harm.
  private static let standstill: UInt64 = 1_000_000_000

  private let control: ControlPage
  private let state: SharedState
  /// One more after each round.
  private let rounds: FutexWord

  init(_ control: ControlPage, _ state: SharedState) throws(ControlPageError) {
    self.control = control
    self.state = state
    rounds = try control.futex(0)
  }

  /// Waits until the log is on the disk up to a position, and syncs it if nobody else does.
  func wait(for position: UInt64, _ files: Persistence.Files) throws {
    var next: UInt32?
    var (round, begun) = (rounds.load(), MonotonicClock.nanoseconds)
    while state[.redoSynced] < position {
      try state.checkTrust()
      next = nil
      let seen = rounds.load()
      if seen != round { (round, begun) = (seen, MonotonicClock.nanoseconds) }
      if state.exchange(.syncOwner, expected: 0, control.me.rawValue) || takesOver(since: begun) {
        try sync(files)
      } else if state[.syncTarget] >= position {
        sleep(until: seen &+ 1, after: seen)
      } else {
        sleep(until: seen &+ 2, after: seen)
        if rounds.load() == seen &+ 1 { next = seen &+ 2 }
      }
    }
    // Woken to make a sync that is not needed here after all: somebody else may need it.
    if let next { rounds.wake(1, bits: Self.bit(next)) }
  }

  /// Takes the place of one who has synced since then, and does so still.
  private func takesOver(since begun: UInt64) -> Bool {
    guard MonotonicClock.nanoseconds - begun > Self.standstill else { return false }
    let owner = state[.syncOwner]
    return owner != 0 && state.exchange(.syncOwner, expected: owner, control.me.rawValue)
  }

  private func sync(_ files: Persistence.Files) throws {
    defer { finish() }
    let end = state[.redoEnd]
    // Serves all whose records end before this, from now on.
    state[.syncTarget] = end
    try state.syncing { () throws(LMDBError) in try files.redo.sync() }
    state.raise(.redoSynced, to: end)
    // Evidence against a log of another time, and no more: nobody waits for it to come to the disk.
    _ = files.marks.noteSync(end)
  }

  private func finish() {
    state[.syncTarget] = 0
    _ = state.exchange(.syncOwner, expected: control.me.rawValue, 0)
    let round = rounds.add(1)
    rounds.wake(bits: Self.bit(round))
    // One of those who wait for the next round makes it.
    rounds.wake(1, bits: Self.bit(round &+ 1))
  }

  /// Sleeps until a round has ended, unless there was one since the count was `seen`.
  private func sleep(until round: UInt32, after seen: UInt32) {
    rounds.wait(while: seen, bits: Self.bit(round), timeout: Self.patience)
    releaseDead()
  }

  /// Where the one who syncs was killed, somebody else is to do it.
  func releaseDead() {
    let owner = state[.syncOwner]
    if let member = MemberID(rawValue: owner), !control.members.isAlive(member) {
      _ = state.exchange(.syncOwner, expected: owner, 0)
    }
  }

  private static func bit(_ round: UInt32) -> UInt32 { 1 << (round % 32) }
}
