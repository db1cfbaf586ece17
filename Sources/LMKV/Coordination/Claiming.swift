internal import ControlPage
internal import LMDB
internal import LMDBPlatform

/// The transactions on a ``PermitQueue``. They wait for no disk: a lock need not survive a power failure.
struct Claiming: Sendable {
  private static let durability = Durability.relaxed(flushEvery: .seconds(10))

  let store: Store
  let place: Place
  let control: ControlPage

  init(_ store: Store, _ place: Place) throws {
    self.store = store
    self.place = place
    control = try store.control()
  }

  var word: FutexWord {
    get throws {
      do {
        return try control.futex(Coordination.word)
      } catch {
        throw store.translated(LMDBError(error))
      }
    }
  }

  /// What a transaction has found, and done.
  struct Outcome: Sendable {
    var standing = PermitQueue.Standing.absent
    var holders: [PermitQueue.Claim] = []
    var promoted: [PermitQueue.Claim] = []
    /// Those who have it share another number of permits.
    var otherPermits: Int?
  }

  // MARK: Transactions

  /// Comes for a permit, or looks anew, without the dead, when the claim is there already.
  func enter(_ token: UInt64, permits: Int, waits: Bool) -> @Sendable (Transaction) throws -> Outcome {
    change(permits) { queue, now in
      var outcome = Outcome(promoted: queue.promote(at: now))
      if queue.permits != permits {
        outcome.otherPermits = queue.permits
        return outcome
      }
      outcome.standing = queue.standing(of: token, member: control.me.rawValue)
      if outcome.standing == .absent {
        let claim = PermitQueue.Claim(member: control.me.rawValue, process: getpid(), token: token, since: now)
        outcome.standing = queue.enter(claim, waits: waits)
      }
      outcome.holders = queue.holders
      return outcome
    }
  }

  /// Gives up, or back. The standing is the one before.
  func leave(_ token: UInt64) -> @Sendable (Transaction) throws -> Outcome {
    change(1) { queue, now in
      var outcome = Outcome(standing: queue.standing(of: token, member: control.me.rawValue))
      queue.remove(token, member: control.me.rawValue)
      outcome.holders = queue.holders
      outcome.promoted = queue.promote(at: now)
      return outcome
    }
  }

  /// Takes the permit that the claim was given while it was about to give up. Otherwise gives up.
  func leaveUnlessHolding(_ token: UInt64) -> @Sendable (Transaction) throws -> Outcome {
    change(1) { queue, now in
      var outcome = Outcome(promoted: queue.promote(at: now))
      outcome.standing = queue.standing(of: token, member: control.me.rawValue)
      if outcome.standing != .holding { queue.remove(token, member: control.me.rawValue) }
      outcome.holders = queue.holders
      return outcome
    }
  }

  /// Ends a computation for all: who waits for it finds its value. Returns those who waited.
  func dismissAll() -> @Sendable (Transaction) throws -> Outcome {
    change(1) { queue, _ in
      let outcome = Outcome(promoted: queue.waiters)
      queue.holders = []
      queue.waiters = []
      return outcome
    }
  }

  private func change(
    _ permits: Int,
    _ body: @escaping @Sendable (inout PermitQueue, Int64) -> Outcome
  ) -> @Sendable (Transaction) throws -> Outcome {
    { transaction in
      let view = TransactionScope<PermitQueue>(access: transaction, binding: store.coordination.binding(place.kind))
      let stored = try view.get(place.name)
      var queue = stored ?? PermitQueue(permits: permits)
      _ = queue.removeDead(isAlive)
      if queue.isEmpty { queue.permits = permits }
      let outcome = body(&queue, StoreClock.system.now())
      if queue.isEmpty {
        if stored != nil { try view.remove(place.name) }
      } else if queue != stored {
        try view.set(place.name, queue)
      }
      return outcome
    }
  }

  // MARK: Running them

  func run(_ body: @Sendable (Transaction) throws -> Outcome, timeout: Duration? = nil) throws -> Outcome {
    let outcome = try store.perform(Self.durability, .repeatable, timeout: timeout, body)
    try wake(outcome.promoted)
    return outcome
  }

  func run(_ body: @escaping @Sendable (Transaction) throws -> Outcome, timeout: Duration? = nil) async throws
    -> Outcome
  {
    let outcome = try await store.perform(Self.durability, .repeatable, timeout: timeout, body)
    try wake(outcome.promoted)
    return outcome
  }

  /// As ``run(_:timeout:)``, also in a task that was cancelled.
  func runAnyway(_ body: @escaping @Sendable (Transaction) throws -> Outcome) async throws -> Outcome {
    if !Task.isCancelled {
      do { return try await run(body) } catch is CancellationError {}
    }
    return try await Task.detached { try await run(body) }.value
  }

  /// Wakes those who got something. Each sleeps with a bit of its own, so that few others wake with it.
  func wake(_ claims: [PermitQueue.Claim]) throws {
    guard !claims.isEmpty else { return }
    let word = try word
    word.add(1)
    word.wake(bits: claims.reduce(0) { $0 | Self.bit($1.token) })
  }

  static func bit(_ token: UInt64) -> UInt32 { 1 << UInt32(token % 32) }

  // MARK: Looking

  /// The queue as it is, dead claims included. Waits for nobody.
  func look() throws -> PermitQueue? {
    try store.read { snapshot in
      let binding = store.coordination.binding(place.kind)
      return try SnapshotScope<PermitQueue>(access: snapshot, binding: binding).get(place.name)
    }
  }

  @Sendable func isAlive(_ claim: PermitQueue.Claim) -> Bool {
    if claim.member == control.me.rawValue { return LivingClaims.contains(claim.token) }
    guard let member = MemberID(rawValue: claim.member) else { return false }
    return control.members.isAlive(member) || DyingProcess.isActive(claim.process)
  }

  var timedOut: (Duration, [PermitQueue.Claim]) -> LMKVError {
    { timeout, holders in
      let names = holders.filter(isAlive).prefix(3).compactMap { claim -> String? in
        guard let info = MemberID(rawValue: claim.member).flatMap(control.members.info) else { return nil }
        let held = Duration.milliseconds(max(0, StoreClock.system.now() - claim.since))
        return "process \(info.processID) (\(info.program)) has had it for \(held)"
      }
      let who = names.isEmpty ? "" : ": " + names.joined(separator: ", ")
      let waiting = timeout > .zero ? "was not free within \(timeout)" : "is not free"
      return LMKVError(
        .timedOut,
        "The \(place.title) of the store \(store.path) \(waiting)\(who). Try again, or wait longer."
      )
    }
  }

  func otherPermits(_ theirs: Int, _ mine: Int) -> LMKVError {
    LMKVError(
      .invalidArgument,
      "The \(place.title) of the store \(store.path) is in use with \(theirs) permits, and was asked for with \(mine). "
        + "Give the same number everywhere."
    )
  }
}
