/// A claim that its owner gives back, or that goes back with the last reference to it.
final class Hold: Sendable {
  private let store: Store
  private let place: Place
  private let token: UInt64

  init(_ store: Store, _ place: Place, _ token: UInt64) {
    self.store = store
    self.place = place
    self.token = token
  }

  deinit {
    release()
  }

  /// Gives it back. Once more does nothing.
  func release() {
    guard LivingClaims.contains(token) else { return }
    do {
      try store.leave(place, token)
    } catch {
      // In a transaction of this thread, for example. It is tried once more elsewhere; if that fails too, the claim counts
      // as dead in this process, and in the others when it ends.
      let (store, place, token) = (store, place, token)
      Task.detached { try? await store.leave(place, token) }
    }
  }
}
