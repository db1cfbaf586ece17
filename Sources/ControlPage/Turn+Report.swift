extension Turn {
  /// Who has the turn, and for how long. Nil if nobody has, or if who has it has died.
  package var holder: TurnHolder? {
    let word = holderWord.load()
    let since = Int64(bitPattern: heldSince.load())
    guard let id = MemberID(rawValue: word), let member = members.info(id), members.isAlive(id) else { return nil }
    return TurnHolder(member: member, heldFor: Moment.duration(from: since, to: Moment.now))
  }

  /// Who waits for the turn, longest first.
  package var waiting: [TurnWaiter] {
    let now = Moment.now
    return members.all().compactMap { member in
      let slot = members.slot(member.id)
      let threads = Int(slot.waiters.load())
      guard threads > 0 else { return nil }
      let since = Int64(bitPattern: slot.waitsSince.load())
      return TurnWaiter(member: member, threads: threads, waitsFor: Moment.duration(from: since, to: now))
    }
    .sorted { $0.waitsFor > $1.waitsFor }
  }

  func noteWaiting(_ start: Int64) {
    if mySlot.waiters.add(1) == 1 { mySlot.waitsSince.store(UInt64(bitPattern: start)) }
  }

  func noteWaited() {
    _ = mySlot.waiters.add(.max)
  }

  func timedOut(_ start: Int64) -> TurnError {
    .timedOut(TurnTimeout(waited: Moment.duration(from: start, to: Moment.now), holder: holder))
  }
}
