/// One attempt to get a permit: what it decides is the same whether a thread or a task makes it.
struct Acquisition {
  let claiming: Claiming
  let token: UInt64
  private let permits: Int
  private let timeout: Duration?
  private let deadline: ContinuousClock.Instant?
  private let waits: Bool

  init(_ store: Store, _ place: Place, permits: Int, timeout: Duration?) throws {
    try place.name.check()
    self.permits = permits
    self.timeout = timeout
    deadline = timeout.map { ContinuousClock.now + max($0, .zero) }
    waits = timeout.map { $0 > .zero } ?? true
    claiming = try Claiming(store, place)
    token = LivingClaims.add(place, store)
  }

  /// Takes a permit, or a place in the queue.
  var enter: @Sendable (Transaction) throws -> Claiming.Outcome {
    claiming.enter(token, permits: permits, waits: waits)
  }

  /// How long to wait for the transaction of that.
  var enteringTimeout: Duration? { waits ? timeout : nil }

  /// What is left to do when it has entered: nothing if it has the permit, else to wait.
  func waiting(after entered: Claiming.Outcome) throws -> Waiting? {
    if let theirs = entered.otherPermits { throw claiming.otherPermits(theirs, permits) }
    switch entered.standing {
    case .holding: return nil
    case .absent: throw claiming.timedOut(.zero, entered.holders)
    case .waiting: return Waiting(claiming, token, permits, deadline)
    }
  }

  /// Gives up, unless it was given the permit just now.
  var leave: @Sendable (Transaction) throws -> Claiming.Outcome { claiming.leaveUnlessHolding(token) }

  func checkHolding(after left: Claiming.Outcome) throws {
    if left.standing != .holding { throw claiming.timedOut(timeout ?? .zero, left.holders) }
  }
}
