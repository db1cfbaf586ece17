internal import ControlPage
internal import LMDB

/// One sync of the redo log for all who wait for one, in all processes.
///
/// A sync brings to the disk what was written before it began. So who comes while one is under way waits for the next,
/// and the first of those makes it. There are two lanes, so that the second sync need not wait for the first to end.
/// Waiters sleep on the lane's word with the bit of the round that will serve them: nobody is woken for another's round.
struct GroupSync {
  /// Who sleeps looks again after so long: whoever syncs for him may have been killed.
  private static let patience = Duration.milliseconds(20)

  private let control: ControlPage
  private let state: SharedState

  init(_ control: ControlPage, _ state: SharedState) {
    self.control = control
    self.state = state
  }

  fileprivate struct Lane {
    let owner: Register
    /// Up to where the sync that is under way will bring the log.
    let target: Register
    /// One more after each round.
    let rounds: FutexWord
  }

  private func lane(_ index: Int) throws -> Lane {
    let first = SharedState.Word.lanes.rawValue + 2 * index
    return Lane(
      owner: try control.register(first),
      target: try control.register(first + 1),
      rounds: try control.futex(index)
    )
  }

  /// Waits until the log is on the disk up to a position, and syncs it if nobody else does.
  func wait(for position: UInt64, _ redo: RedoLog) throws {
    let lanes = [try lane(0), try lane(0)]
    while state[.redoSynced] < position {
      guard !state.flag(.isBroken) else { throw LMDBError(.panic, "wait for a sync after one has failed") }
      if let round = lanes[0].round(serving: position) ?? lanes[1].round(serving: position) {
        sleep(round.lane, round.number)
      } else if let free = lanes.first(where: { $0.owner.compareExchange(expected: 0, desired: me).exchanged }) {
        try sync(free, redo)
      } else {
        // Both were begun too early. The next round of the one that has begun first will do.
        let lane = lanes[0].target.load() <= lanes[1].target.load() ? lanes[0] : lanes[1]
        sleep(lane, lane.rounds.load() &+ 2)
      }
    }
  }

  private var me: UInt64 { control.me.rawValue }

  private func sync(_ lane: Lane, _ redo: RedoLog) throws {
    defer { finish(lane) }
    let end = state[.redoEnd]
    // Serves all whose records end before this, from now on.
    lane.target.store(end)
    do {
      try redo.sync()
    } catch {
      // The kernel may take for written what is not. Nothing that follows could be trusted.
      state[.isBroken] = 1
      throw error
    }
    state.raise(.redoSynced, to: end)
  }

  private func finish(_ lane: Lane) {
    lane.target.store(0)
    lane.owner.exchange(0)
    // First of all who makes the next sync worthwhile.
    control.mailboxes.nudge(durable: true)
    let round = lane.rounds.add(1)
    lane.rounds.wake(bits: Self.bit(round))
    // One of those who wait for the next round makes it.
    lane.rounds.wake(1, bits: Self.bit(round &+ 1))
  }

  private func sleep(_ lane: Lane, _ round: UInt32) {
    // With the value of the round before, or of the one before that, according to which one is under way.
    let seen = lane.rounds.load()
    guard seen &+ 1 == round || seen &+ 2 == round else { return }
    lane.rounds.wait(while: seen, bits: Self.bit(round), timeout: Self.patience)
    // Where the one who syncs was killed, the lane is free for the next.
    let owner = lane.owner.load()
    if let member = MemberID(rawValue: owner), !control.members.isAlive(member) {
      lane.owner.compareExchange(expected: owner, desired: 0)
    }
  }

  private static func bit(_ round: UInt32) -> UInt32 { 1 << (round % 32) }
}

extension GroupSync.Lane {
  /// The round that is under way, if it began after the position was written.
  fileprivate func round(serving position: UInt64) -> (lane: Self, number: UInt32)? {
    let number = rounds.load() &+ 1
    // A lane without an owner makes no round: its target is what one who was killed has left behind.
    guard owner.load() != 0, target.load() >= position, rounds.load() &+ 1 == number else { return nil }
    return (self, number)
  }
}
