/// A value that one computes for all: what ``Store/once(_:of:expires:timeout:_:)`` and
/// ``Scope/memoize(_:expires:timeout:_:)`` have in common.
struct Computing<Stored: Codable & Sendable>: Sendable {
  let store: Store
  let binding: ScopeBinding
  let key: String
  let place: Place
  let expires: Expiry

  /// The value of a store itself.
  init(_ store: Store, once name: String, _ expires: Expiry) {
    self.store = store
    binding = store.coordination.values
    key = name
    place = .computation(name, in: nil)
    self.expires = expires
  }

  /// The value under a key of a scope.
  init(_ scope: Scope<Stored>, _ key: String, _ expires: Expiry) {
    store = scope.store
    binding = scope.binding
    self.key = key
    place = .computation(key, in: scope.name)
    self.expires = expires
  }

  func stored() throws -> Stored? {
    try store.read { try SnapshotScope<Stored>(access: $0, binding: binding).get(key) }
  }

  /// Stores the value and lets go of all who wait for it, at once.
  ///
  /// A waiter that came just now is dismissed too, and finds the value.
  private func storing(_ value: Stored, _ claiming: Claiming) -> @Sendable (Transaction) throws -> Claiming.Outcome {
    let dismissAll = claiming.dismissAll()
    return { [self] transaction in
      try TransactionScope<Stored>(access: transaction, binding: binding).set(key, value, expires: expires)
      return try dismissAll(transaction)
    }
  }

  // MARK: Blocking

  func value(timeout: Duration?, _ compute: () throws -> Stored) throws -> Stored {
    try key.check()
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      if let value = try stored() { return value }
      try Tenure.checkDeadlock(store, place)
      let left = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      guard let token = try store.acquire(place, timeout: left) else { continue }
      let tenure = Tenure(store, place, token)
      do {
        // Somebody may have been done just before.
        let former = try stored()
        let value = if let former { former } else { try tenure.run(compute) }
        _ = tenure.end()
        if former == nil { try finish(value, token) } else { try store.leave(place, token) }
        return value
      } catch {
        // It says more than what giving back may fail with. The next one in the queue computes.
        try? store.leave(place, token)
        throw error
      }
    }
  }

  private func finish(_ value: Stored, _ token: UInt64) throws {
    let claiming = try Claiming(store, place)
    let outcome = try store.perform(nil, .once, storing(value, claiming))
    LivingClaims.remove(token)
    try claiming.wake(outcome.promoted)
  }

  // MARK: Suspending

  func value(
    timeout: Duration?,
    isolation: isolated (any Actor)?,
    _ compute: () async throws -> Stored
  ) async throws -> Stored {
    try key.check()
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      if let value = try stored() { return value }
      try Tenure.checkDeadlock(store, place)
      let left = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      guard let token = try await store.acquire(place, timeout: left) else { continue }
      let tenure = Tenure(store, place, token)
      do {
        if let value = try stored() {
          try await store.leave(place, token)
          return value
        }
        let value = try await tenure.run(compute)
        _ = tenure.end()
        try await finish(value, token)
        return value
      } catch {
        // It says more than what giving back may fail with. The next one in the queue computes.
        try? await store.leave(place, token)
        throw error
      }
    }
  }

  private func finish(_ value: Stored, _ token: UInt64) async throws {
    let claiming = try Claiming(store, place)
    let body = storing(value, claiming)
    // What was computed is stored, also by a task that was cancelled meanwhile.
    let outcome = try await Task.detached { [store] in try await store.perform(nil, .once, body) }.value
    LivingClaims.remove(token)
    try claiming.wake(outcome.promoted)
  }
}
