internal import CFutex
internal import LMDBPlatform

extension Turn {
  /// How long those behind a head wait before they ask whether it stands still, in nanoseconds.
  private static let patience: Int64 = 1_000_000_000
  /// After that time a newcomer who finds the turn free passes a head that was ready all along.
  private static let readiness: Int64 = 100_000_000
  /// How often a head asks whether it was passed over.
  private static let vigilance: Int64 = 20_000_000
  /// How often a head looks what the owner does during its slice.
  private static let nap: Int64 = 100_000
  /// How long a head watches an owner before it finds that it does nothing.
  private static let watch: Int64 = 5_000
  /// How long a head spins for a turn that is about to be given back.
  private static let spin: Int64 = 10_000

  func takeInQueue(_ timeout: Duration?, while isWanted: () -> Bool) throws(TurnError) -> Taking? {
    let start = Moment.now
    let deadline = Moment.after(timeout)
    if let taking = try passStandingHead() { return taking }
    if let deadline, deadline <= start { throw timedOut(start) }
    noteWaiting(start)
    // Whoever is the head, or is to be, need not watch us.
    if owner.load() == me { sliceEnd.publish(0) }
    defer { noteWaited() }
    while true {
      let seen = head.load()
      let seenTakes = takes.load()
      let now = Moment.now
      let look = min(deadline ?? .max, now + Self.patience)
      if seen == passedOver.load() {
        // The queue does not move: whoever comes first gets the turn.
        if let taking = try finish(mutex.lock(until: look)) { return taking }
      } else {
        switch headMutex.lock(until: look) {
        case .locked, .fromTheDead: return try takeAsHead(start, deadline, while: isWanted)
        case .mine: throw .takenTwice
        case .broken(let code): throw .broken(code: code)
        case .busy, .timedOut:
          // The same head all the time, though the turn was free or was taken: the head stands still.
          if head.load() == seen, Moment.now >= now + Self.patience,
            takes.load() != seenTakes || holderWord.load() == 0
          {
            passedOver.store(seen)
          }
        }
      }
      if let deadline, Moment.now >= deadline { throw timedOut(start) }
      // Not more often, since whoever looks loses its place.
      if !isWanted() { return nil }
    }
  }

  /// Waits for the turn itself. This thread has H.
  private func takeAsHead(
    _ start: Int64,
    _ deadline: Int64?,
    while isWanted: () -> Bool
  ) throws(TurnError) -> Taking? {
    defer {
      head.store(head.load() & ~HeadState.mask)
      _ = headMutex.unlock()
    }
    announce(HeadState.waits)
    while let end = sliceToWaitFor() {
      let seen = handOvers.loadInOrder()
      if sliceEnd.load() == 0 { break }
      let now = Moment.now
      if let deadline, now >= deadline { throw timedOut(start) }
      let until = min(end, deadline ?? .max, now + Self.nap)
      if until > now { _ = handOvers.wait(seen, timeout: until - now) }
    }
    announce(HeadState.ready)
    if let taking = try takeSoon() { return begin(taking) }
    while true {
      let now = Moment.now
      if let taking = try finish(mutex.lock(until: min(deadline ?? .max, now + Self.vigilance))) {
        return begin(taking)
      }
      if let deadline, Moment.now >= deadline { throw timedOut(start) }
      if !isWanted() { return nil }
      // Passed over, though we live: from now on nobody passes us again.
      if passedOver.load() == head.load() { announce(HeadState.ready) }
    }
  }

  /// Says with a new number what the head does.
  private func announce(_ state: UInt32) {
    headSince.store(UInt64(bitPattern: Moment.now))
    head.publish(((head.load() >> 2) &+ 1) << 2 | state)
  }

  /// The end of the slice of an owner that uses it. Nil if there is nothing to wait for.
  private func sliceToWaitFor() -> Int64? {
    let end = Int64(bitPattern: sliceEnd.load())
    let start = Moment.now
    // More than any slice is: the word was damaged.
    guard owner.load() != me, end > start, end - start < 1_000_000_000 else { return nil }
    let seen = takes.load()
    while holderWord.load() == 0, takes.load() == seen {
      if Moment.now - start > Self.watch { return nil }
      for _ in 0..<8 { cfutex_pause() }
    }
    return end
  }

  /// Spins for a turn that is given back within microseconds: cheaper than a sleep, and than being woken.
  private func takeSoon() throws(TurnError) -> Taking? {
    let end = Moment.now + Self.spin
    repeat {
      if holderWord.load() == 0, let taking = try finish(mutex.tryLock()) { return taking }
      for _ in 0..<8 { cfutex_pause() }
    } while Moment.now < end
    return nil
  }

  /// A slice of our own.
  private func begin(_ taking: Taking) -> Taking {
    sliceEnd.store(UInt64(bitPattern: Moment.now + slice))
    return taking
  }

  /// Takes a turn that is free, though there is a head, if that has been ready to take it for a long time.
  func passStandingHead() throws(TurnError) -> Taking? {
    if mapping.isForked { throw .forked }
    let seen = head.load()
    guard seen & HeadState.mask != HeadState.nobody, holderWord.load() == 0 else { return nil }
    guard Moment.now - Int64(bitPattern: headSince.load()) > Self.readiness else { return nil }
    guard let taking = try finish(mutex.tryLock()) else { return nil }
    if head.load() == seen { passedOver.store(seen) }
    return taking
  }
}
