internal import ControlPage
internal import LMDB
internal import Synchronization

/// What one ``Store`` needs for locks, semaphores and computations among processes.
///
/// Their state is in the file: for each name a ``PermitQueue``, which transactions change. Whether who is in it still
/// lives is in the control page, which also has the word on which they sleep.
final class Coordination: Sendable {
  /// The word of the control page that is raised when somebody in a queue got a permit.
  static let word = 2
  /// How long who waits sleeps before it looks whether those before it live.
  static let pause = Duration.milliseconds(2)
  /// How long it believes what it has read, if nothing wakes it.
  static let patience = Duration.milliseconds(100)

  let locks = OwnScope.binding("locks")
  let semaphores = OwnScope.binding("semaphores")
  let computations = OwnScope.binding("computations")
  let values = OwnScope.binding("values")
  let throttles = OwnScope.binding("throttles")
  let room = WaitingRoom()

  func binding(_ kind: Place.Kind) -> ScopeBinding {
    switch kind {
    case .lock: locks
    case .semaphore: semaphores
    case .computation: computations
    }
  }
}

/// The claims of this process that somebody still wants. One that is in a file but not here was left behind by a store
/// that was closed, or by a transaction that failed: it counts as dead.
enum LivingClaims {
  private struct State {
    var last: UInt64 = 0
    var claims: [UInt64: (store: ObjectIdentifier, place: Place)] = [:]
  }

  private static let state = Mutex(State())

  static func add(_ place: Place, _ store: Store) -> UInt64 {
    state.withLock { state in
      state.last += 1
      state.claims[state.last] = (ObjectIdentifier(store), place)
      return state.last
    }
  }

  static func remove(_ token: UInt64) {
    state.withLock { $0.claims[token] = nil }
  }

  static func contains(_ token: UInt64) -> Bool {
    state.withLock { $0.claims[token] != nil }
  }

  /// Removes all claims of a store.
  static func removeAll(of store: Store) -> [(token: UInt64, place: Place)] {
    state.withLock { state in
      let own = state.claims.filter { $0.value.store == ObjectIdentifier(store) }
      for token in own.keys { state.claims[token] = nil }
      return own.map { ($0.key, $0.value.place) }
    }
  }
}

extension Store {
  /// The page that all processes share.
  func control() throws -> ControlPage {
    let environment = try environment()
    guard !environment.isForked else { throw translated(environment.forkedError) }
    guard let control = (environment.companion as? Persistence)?.control else {
      throw LMKVError(
        .coordinationUnavailable,
        "Processes cannot wait for each other with the store \(path): its directory has no control page that this process "
          + "may write. Use a store on a local disk that can be written."
      )
    }
    return control
  }

  /// Gives everything back that was taken through this store.
  func releaseAllClaims() {
    for (token, place) in LivingClaims.removeAll(of: self) {
      // Where it fails others find out that the claim is dead: in this process at once, elsewhere when the process ends.
      try? leave(place, token)
    }
  }
}
