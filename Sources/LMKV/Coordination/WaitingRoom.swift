internal import ControlPage
internal import Synchronization

/// Where the threads and tasks of this process wait for permits of one store, and what it has taken for no closure.
///
/// Who gives something back wakes the next one himself when that is in the same process. For what other processes give
/// back there is one thread for all who wait here. It sleeps until another process has granted something, or may have died; and
/// once a second it looks for itself, for the case that who should have woken it was killed before.
final class WaitingRoom: Sendable {
  /// How long the thread sleeps at most.
  static let pause = Duration.seconds(1)
  /// The same where the system does not tell when a process dies.
  static let shortPause = Duration.milliseconds(100)
  /// The same while somebody is about to die. Twice as long each time.
  static let deathPause = Duration.milliseconds(1)
  /// How long a thread waits for a process that stands still in the middle of a change of the table.
  static let patience = Duration.milliseconds(100)

  private struct State {
    var lines: [Int: WaitingLine] = [:]
    var isServed = false
    var isStopped = false
    var listening: DepartureWatch.Listening?
  }

  let control: ControlPage
  private var table: ClaimTable { control.claims }
  private let state = Mutex(State())
  private let mayBeDead = Atomic(false)
  private let keeping = Mutex(Keeping())

  init(_ control: ControlPage) {
    self.control = control
  }

  // MARK: Claims

  func enter(_ place: Place, permits: Int, waits: Bool, patience: Duration) throws(ControlPageError)
    -> ClaimTable.Entering
  {
    var grants = ClaimTable.Grants()
    defer { deliver(at: grants.places) }
    return try table.enter(place.name, permits: permits, waits: waits, patience: patience, &grants)
  }

  func standing(of claim: Claim) -> Claim.Standing { table.standing(of: claim) }

  /// Gives a claim back, or up. Waits for nobody.
  func leave(_ claim: Claim) {
    var grants = ClaimTable.Grants()
    table.leave(claim, &grants)
    deliver(at: grants.places)
  }

  /// Gives up a claim that waits. False when it waits no longer.
  func leaveQueue(_ claim: Claim) -> Bool {
    var grants = ClaimTable.Grants()
    defer { deliver(at: grants.places) }
    return table.leaveQueue(claim, &grants)
  }

  /// Ends the wait of all who queue behind a claim: what they wait for is done.
  func dismissAll(behind claim: Claim) {
    var grants = ClaimTable.Grants()
    // Where that fails they get the permit one after the other, and find that out too.
    try? table.dismiss(claim, patience: Self.patience, &grants)
    deliver(at: grants.places)
  }

  // MARK: Waiting

  /// Notes who waits, so that it is told when it has waited long enough. It says ``left(_:)`` then.
  func wait(_ waiter: Waiter) throws {
    let needsThread = state.withLock { state in
      state.lines[waiter.claim.place, default: WaitingLine()].insert(waiter)
      defer { state.isServed = true }
      return !state.isServed
    }
    if needsThread {
      do {
        try Threads.start { [self] in serve() }
      } catch {
        left(waiter)
        // Others may have come since, and rely on that thread.
        let stranded = state.withLock { state in
          state.isServed = false
          return state.lines.values.flatMap(\.all)
        }
        for other in stranded { other.finish(.failed(error)) }
        throw error
      }
    }
    // It may have been granted in between.
    deliver(at: [waiter.claim.place])
  }

  func left(_ waiter: Waiter) {
    let place = waiter.claim.place
    state.withLock { state in
      state.lines[place]?.remove(waiter)
      if state.lines[place]?.isEmpty == true { state.lines[place] = nil }
    }
  }

  /// Ends the waiting of all who wait through one store.
  func fail(_ store: UInt64, _ error: any Error) {
    let waiters = state.withLock { $0.lines.values.flatMap(\.all) }
    for waiter in waiters where waiter.store == store { waiter.finish(.failed(error)) }
  }

  /// Wakes those who come first at these places, if they need not wait any longer.
  private func deliver(at places: [Int]) {
    for place in places {
      while let (waiter, outcome) = nextToWake(at: place) { waiter.finish(outcome) }
    }
  }

  private func nextToWake(at place: Int) -> (Waiter, Waiter.Outcome)? {
    state.withLock { state in
      guard let first = state.lines[place]?.first else { return nil }
      let standing = table.standing(of: first.claim)
      guard standing != .waits else { return nil }
      state.lines[place]?.removeFirst()
      if state.lines[place]?.isEmpty == true { state.lines[place] = nil }
      return (first, standing == .holds ? .granted : .dismissed)
    }
  }

  // MARK: The thread

  /// Ends the thread. Nobody waits any more.
  func stop() {
    let isServed = state.withLock { state in
      state.isStopped = true
      state.listening = nil
      return state.isServed
    }
    if isServed { table.wakeSleeper() }
  }

  private func serve() {
    let pause = listen() ? Self.pause : Self.shortPause
    var deathPause = Self.deathPause
    // However often others' grants wake it in between.
    var nextLook = ContinuousClock.now + pause
    while true {
      let count = table.grantCount
      let places = state.withLock { Array($0.lines.keys) }
      let isDue = ContinuousClock.now >= nextLook
      if mayBeDead.exchange(false, ordering: .sequentiallyConsistent) || isDue {
        deathPause = look(at: places) ? Self.deathPause : min(deathPause * 2, pause)
        nextLook = .now + (deathPause > Self.deathPause ? deathPause : pause)
      }
      deliver(at: places)
      let isDone = state.withLock { state in
        guard state.isStopped || isDue && state.lines.isEmpty else { return false }
        state.isServed = false
        return true
      }
      if isDone { return }
      _ = table.sleep(while: count, timeout: max(.zero, ContinuousClock.now.duration(to: nextLook)))
    }
  }

  /// False where it is to look again soon.
  private func look(at places: [Int]) -> Bool {
    var isDone = true
    for place in places {
      var grants = ClaimTable.Grants()
      // Who enters is told what is wrong with the page.
      let isPlaceDone = try? table.look(place, patience: .milliseconds(10), &grants)
      if isPlaceDone == false { isDone = false }
      deliver(at: grants.places)
    }
    return isDone
  }

  /// Returns whether the thread is told of the death of others.
  private func listen() -> Bool {
    if state.withLock({ $0.listening != nil }) { return true }
    let listening = DepartureWatch.listen(control.path) { [weak self] in
      guard let self else { return }
      mayBeDead.store(true, ordering: .sequentiallyConsistent)
      if state.withLock({ $0.isServed }) { table.wakeSleeper() }
    }
    state.withLock { $0.listening = $0.isStopped ? nil : listening }
    // Who died before that is noticed now.
    mayBeDead.store(true, ordering: .sequentiallyConsistent)
    return listening != nil
  }

  // MARK: What is taken for no closure

  private struct Kept {
    let claim: Claim
    let store: UInt64
    let owner: Owner?
  }

  private struct Owner: Hashable {
    let place: Place
    let thread: UInt
  }

  private struct Keeping {
    var kept: [UInt64: Kept] = [:]
    var counts: [Owner: Int] = [:]

    mutating func remove(_ number: UInt64) -> Claim? {
      guard let kept = kept.removeValue(forKey: number) else { return nil }
      if let owner = kept.owner {
        let count = counts[owner, default: 1] - 1
        counts[owner] = count > 0 ? count : nil
      }
      return kept.claim
    }
  }

  /// Notes what this thread has taken, for ``giveBack(_:)``.
  func keep(_ claim: Claim, _ place: Place, _ store: UInt64) {
    keeping.withLock { keeping in
      let owner = Caller.thread.map { Owner(place: place, thread: $0) }
      keeping.kept[claim.number] = Kept(claim: claim, store: store, owner: owner)
      if let owner { keeping.counts[owner, default: 0] += 1 }
    }
  }

  /// Gives it back, unless that was done. Waits for nobody.
  func giveBack(_ number: UInt64) {
    guard !control.isForked, let claim = keeping.withLock({ $0.remove(number) }) else { return }
    leave(claim)
  }

  func giveBackAll(of store: UInt64) {
    let numbers = keeping.withLock { $0.kept.filter { $0.value.store == store }.map(\.key) }
    for number in numbers { giveBack(number) }
  }

  /// Whether this thread has taken it, and nobody has given it back.
  func isKept(_ place: Place, by thread: UInt) -> Bool {
    keeping.withLock { $0.counts[Owner(place: place, thread: thread)] != nil }
  }
}
