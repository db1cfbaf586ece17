internal import ControlPage
internal import Dispatch
internal import LMDB

/// One attempt to get a permit: what it decides is the same whether a thread or a task makes it.
struct Attempt {
  /// What came of a look at the table.
  enum Step {
    case acquired(Claim)
    case waits(Waiter)
    /// A process stands still in the middle of a change, so nobody could look.
    case again
  }

  let store: Store
  let room: WaitingRoom
  let place: Place
  let permits: Int
  private let timeout: Duration?
  let deadline: ContinuousClock.Instant?
  private let end: ContinuousClock.Instant?

  init(_ store: Store, _ room: WaitingRoom, _ place: Place, permits: Int, timeout: Duration?) {
    self.store = store
    self.room = room
    self.place = place
    self.permits = permits
    self.timeout = timeout
    deadline = timeout.map { ContinuousClock.now + max($0, .zero) }
    // Who does not wait for the permit waits so long for a process that stands still at the table.
    end = timeout.map { ContinuousClock.now + max($0, WaitingRoom.patience) }
  }

  private var waits: Bool { timeout.map { $0 > .zero } ?? true }

  /// Takes a permit, or a place in the queue.
  ///
  /// - Parameter patience: how long this thread may wait for a process that stands still at the table.
  func enter(patience: Duration) throws -> Step {
    let entered: ClaimTable.Entering
    do {
      entered = try room.enter(place, permits: permits, waits: waits, patience: patience)
    } catch {
      throw store.translated(LMDBError(error))
    }
    switch entered {
    case .holds(let claim): return .acquired(claim)
    case .waits(let claim): return .waits(Waiter(claim, store.coordination.id))
    case .taken(let holders): throw timedOut(holders)
    case .otherPermits(let theirs): throw otherPermits(theirs)
    case .busy:
      if let end, ContinuousClock.now >= end { throw timedOut([]) }
      return .again
    case .full: throw full
    case .noBlocks(let code):
      throw store.translated(LMDBError(.init(rawValue: code), "allocate room for the \(place.title)"))
    }
  }

  /// What a waiter has when its waiting has ended: the permit; nil when what it waited for is done.
  func result(of waiter: Waiter) throws -> Claim? {
    switch waiter.outcome {
    case .granted: return waiter.claim
    case .dismissed: return nil
    case .timedOut, nil:
      let holders = try? room.control.claims.holders(at: waiter.claim)
      if room.leaveQueue(waiter.claim) { throw timedOut(holders ?? []) }
      // It was granted, or dismissed, at that very moment.
      return room.standing(of: waiter.claim) == .holds ? waiter.claim : nil
    case .failed(let error):
      room.leave(waiter.claim)
      throw error
    }
  }

  // MARK: Errors

  private func timedOut(_ holders: [ClaimInfo]) -> LMKVError {
    let names = holders.map { claim in
      let held = Duration.milliseconds(max(0, StoreClock.system.now() - claim.since))
      return "process \(claim.member.processID) (\(claim.member.program)) has had it for \(held)"
    }
    let who = names.isEmpty ? "" : ": " + names.joined(separator: ", ")
    let waiting = waits ? "was not free within \(timeout ?? .zero)" : "is not free"
    return LMKVError(
      .timedOut,
      "The \(place.title) of the store \(store.path) \(waiting)\(who). Try again, or wait longer."
    )
  }

  private func otherPermits(_ theirs: Int) -> LMKVError {
    LMKVError(
      .invalidArgument,
      "The \(place.title) of the store \(store.path) is in use with \(theirs) permits, and was asked for with \(permits). "
        + "Give the same number everywhere."
    )
  }

  private var full: LMKVError {
    LMKVError(
      .coordinationUnavailable,
      "The \(place.title) of the store \(store.path) was asked for while \(ClaimTable.claimCapacity) others have or wait for "
        + "something of the store, or \(ClaimTable.placeCapacity) other names are in use, and no more can. Wait for fewer at once."
    )
  }
}

extension Store {
  /// Waits for a permit, on the thread of the caller.
  ///
  /// - Returns: the claim that has it; nil when what it waited for was computed.
  func acquire(_ place: Place, _ room: WaitingRoom, permits: Int = 1, timeout: Duration? = nil) throws -> Claim? {
    let attempt = Attempt(self, room, place, permits: permits, timeout: timeout)
    while true {
      switch try attempt.enter(patience: WaitingRoom.patience) {
      case .acquired(let claim): return claim
      case .again: if coordination.isClosed { throw closedError }
      case .waits(let waiter):
        let isFinished = Monitor(false)
        waiter.whenFinished { isFinished.signalAfter { $0 = true } }
        try beginWaiting(waiter, room)
        defer { room.left(waiter) }
        if let deadline = attempt.deadline {
          if isFinished.wait(until: deadline, { $0 }, { _ in }) == nil { waiter.finish(.timedOut) }
        } else {
          isFinished.waitUntil({ $0 }) { _ in }
        }
        return try attempt.result(of: waiter)
      }
    }
  }

  /// As above, for tasks.
  func acquire(_ place: Place, _ room: WaitingRoom, permits: Int = 1, timeout: Duration? = nil) async throws -> Claim? {
    try Task.checkCancellation()
    let attempt = Attempt(self, room, place, permits: permits, timeout: timeout)
    while true {
      switch try attempt.enter(patience: .milliseconds(1)) {
      case .acquired(let claim): return claim
      case .again:
        if coordination.isClosed { throw closedError }
        try await Task.sleep(for: .milliseconds(10))
      case .waits(let waiter):
        try beginWaiting(waiter, room)
        defer { room.left(waiter) }
        let alarm = attempt.deadline.map { deadline in
          let alarm = DispatchSource.makeTimerSource()
          alarm.schedule(deadline: .now() + ContinuousClock.now.duration(to: deadline).interval)
          alarm.setEventHandler { waiter.finish(.timedOut) }
          alarm.resume()
          return alarm
        }
        defer { alarm?.cancel() }
        await withTaskCancellationHandler {
          await withCheckedContinuation { continuation in waiter.whenFinished { continuation.resume() } }
        } onCancel: {
          waiter.finish(.failed(CancellationError()))
        }
        return try attempt.result(of: waiter)
      }
    }
  }

  private func beginWaiting(_ waiter: Waiter, _ room: WaitingRoom) throws {
    do {
      try room.wait(waiter)
    } catch {
      room.leave(waiter.claim)
      throw error
    }
    // Whoever closes the store from now on finds it.
    if coordination.isClosed { waiter.finish(.failed(closedError)) }
  }
}

extension Duration {
  /// At most a century.
  fileprivate var interval: DispatchTimeInterval {
    let seconds = min(max(components.seconds, 0), 3_155_760_000)
    return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(max(0, components.attoseconds) / 1_000_000_000))
  }
}
