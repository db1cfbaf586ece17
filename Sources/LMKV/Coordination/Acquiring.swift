internal import ControlPage
internal import LMDB

// Waiting on the thread of the caller.
extension Store {
  /// Waits for a permit.
  ///
  /// - Returns: the claim that has it; nil when the claim was dismissed, because what it waited for was computed.
  func acquire(_ place: Place, permits: Int = 1, timeout: Duration? = nil) throws -> UInt64? {
    let attempt = try Acquisition(self, place, permits: permits, timeout: timeout)
    let (claiming, token) = (attempt.claiming, attempt.token)
    do {
      let entered = try claiming.run(attempt.enter, timeout: attempt.enteringTimeout)
      guard var waiting = try attempt.waiting(after: entered) else { return token }
      switch try waiting.wait() {
      case .acquired: return token
      case .dismissed:
        LivingClaims.remove(token)
        return nil
      case .timedOut:
        try attempt.checkHolding(after: claiming.run(attempt.leave))
        return token
      }
    } catch {
      giveUp(claiming, token)
      throw error
    }
  }

  /// Gives back a permit, or a place in the queue.
  func leave(_ place: Place, _ token: UInt64) throws {
    LivingClaims.remove(token)
    let claiming = try Claiming(self, place)
    _ = try claiming.run(claiming.leave(token))
  }

  /// After an error, which says more than what this may fail with.
  private func giveUp(_ claiming: Claiming, _ token: UInt64) {
    LivingClaims.remove(token)
    guard let queue = try? claiming.look(), queue.standing(of: token, member: claiming.control.me.rawValue) != .absent
    else { return }
    _ = try? claiming.run(claiming.leave(token))
  }
}

extension String {
  /// The names of locks are made as keys are.
  func check() throws {
    unsafe try withKeyBytes { _ in }
  }
}

/// One claim that waits, and what it knows of those before it.
struct Waiting {
  enum Result: Sendable {
    case acquired
    case dismissed
    case timedOut
  }

  private let claiming: Claiming
  private let token: UInt64
  private let permits: Int
  private let deadline: ContinuousClock.Instant?
  /// The value of the word when it looked last. Nil: it has not looked yet.
  private var seen: UInt32?
  private var lookedAt = ContinuousClock.now
  private var holders: [PermitQueue.Claim] = []

  init(_ claiming: Claiming, _ token: UInt64, _ permits: Int, _ deadline: ContinuousClock.Instant?) {
    self.claiming = claiming
    self.token = token
    self.permits = permits
    self.deadline = deadline
  }

  /// Sleeps until there is a result.
  mutating func wait() throws -> Result {
    let word = try claiming.word
    while true {
      let value = word.load()
      if let result = try check(value) { return result }
      word.wait(while: value, bits: Claiming.bit(token), timeout: pause)
    }
  }

  /// How long it may sleep.
  var pause: Duration {
    guard let deadline else { return Coordination.pause }
    return min(Coordination.pause, max(.zero, ContinuousClock.now.duration(to: deadline)))
  }

  /// Looks whether the claim has waited long enough. Only if something may have changed does it look into the file.
  ///
  /// - Parameter value: of the word, which was read before.
  mutating func check(_ value: UInt32) throws -> Result? {
    guard !claiming.control.isForked else { throw claiming.store.translated(LMDBError(.forked, "wait")) }
    _ = try claiming.store.environment()
    let now = ContinuousClock.now
    if value != seen || now - lookedAt > Coordination.patience {
      (seen, lookedAt) = (value, now)
      guard let queue = try claiming.look() else { return .dismissed }
      switch queue.standing(of: token, member: claiming.control.me.rawValue) {
      case .holding: return .acquired
      case .absent: return .dismissed
      case .waiting: holders = queue.holders
      }
    }
    if holders.count < permits || !holders.allSatisfy(claiming.isAlive) {
      // Somebody died with it. Whoever finds out first gives it to the next.
      let outcome = try claiming.run(claiming.enter(token, permits: permits, waits: true))
      if outcome.standing == .holding { return .acquired }
      holders = outcome.holders
    }
    if let deadline, now >= deadline { return .timedOut }
    return nil
  }
}
