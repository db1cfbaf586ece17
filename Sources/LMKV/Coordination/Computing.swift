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
    place = .once(name)
    self.expires = expires
  }

  /// The value under a key of a scope.
  init(_ scope: Scope<Stored>, _ key: String, _ expires: Expiry) {
    store = scope.store
    binding = scope.binding
    self.key = key
    place = .memoize(key, in: scope.name)
    self.expires = expires
  }

  /// Before anything is computed that could not be stored.
  private func checkArguments() throws {
    try key.check()
    _ = try ExpiryTerm(expires).moment(now: store.configuration.clock.now)
  }

  func stored() throws -> Stored? {
    try store.read { try SnapshotScope<Stored>(access: $0, binding: binding).get(key) }
  }

  private func storing(_ value: Stored) -> @Sendable (Transaction) throws -> Void {
    { [self] transaction in
      try TransactionScope<Stored>(access: transaction, binding: binding).set(key, value, expires: expires)
    }
  }

  // MARK: Blocking

  func value(timeout: Duration?, _ compute: () throws -> Stored) throws -> Stored {
    try checkArguments()
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      if let value = try stored() { return value }
      let left = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      guard let tenure = try begin(left) else { continue }
      // If it fails the next one in the queue computes.
      defer { end(tenure) }
      // Somebody may have been done just before.
      if let value = try stored() { return value }
      let value = try tenure.run(compute)
      try store.perform(nil, .once, storing(value))
      tenure.room.dismissAll(behind: tenure.claim)
      return value
    }
  }

  /// Nil when somebody else was done meanwhile.
  private func begin(_ timeout: Duration?) throws -> Tenure? {
    var tenure: Tenure?
    try store.whileOpen {
      let room = try store.waitingRoom()
      try Tenure.checkDeadlock(store, room, place, permits: 1)
      tenure = try store.acquire(place, room, timeout: timeout).map { Tenure(store, room, place, $0) }
    }
    if tenure == nil { store.coordination.end() }
    return tenure
  }

  private func end(_ tenure: Tenure) {
    tenure.end()
    store.coordination.end()
  }

  // MARK: Suspending

  func value(
    timeout: Duration?,
    isolation: isolated (any Actor)?,
    _ compute: () async throws -> Stored
  ) async throws -> Stored {
    try checkArguments()
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      if let value = try stored() { return value }
      let left = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      guard let tenure = try await begin(left) else { continue }
      defer { end(tenure) }
      if let value = try stored() { return value }
      let value = try await tenure.run(compute)
      // What was computed is stored, also by a task that was cancelled meanwhile.
      let storing = storing(value)
      try await Task.detached { [store] in try await store.perform(nil, .once, storing) }.value
      tenure.room.dismissAll(behind: tenure.claim)
      return value
    }
  }

  private func begin(_ timeout: Duration?) async throws -> Tenure? {
    var tenure: Tenure?
    try await store.whileOpen {
      let room = try store.waitingRoom()
      try Tenure.checkDeadlock(store, room, place, permits: 1)
      tenure = try await store.acquire(place, room, timeout: timeout).map { Tenure(store, room, place, $0) }
    }
    if tenure == nil { store.coordination.end() }
    return tenure
  }
}
