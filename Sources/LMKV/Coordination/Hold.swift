internal import ControlPage

/// A claim that its owner gives back, or that goes back with the last reference to it. Neither waits for anybody.
final class Hold: Sendable {
  /// Its closing gives the claim back, too, so it stays open as long as that is not done explicitly.
  private let store: Store
  private let room: WaitingRoom
  private let number: UInt64

  init(_ store: Store, _ room: WaitingRoom, _ place: Place, _ claim: Claim) {
    self.store = store
    self.room = room
    number = claim.number
    room.keep(claim, place, store.coordination.id)
  }

  deinit { release() }

  /// Gives it back. Once more does nothing.
  func release() { room.giveBack(number) }
}
