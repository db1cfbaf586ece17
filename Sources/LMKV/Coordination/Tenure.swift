internal import ControlPage
internal import LMDB
internal import Synchronization

/// A piece of code that has a lock, so that what is called in it can be told from others.
final class Tenure: Sendable {
  /// Those that the current code is in. Tasks that are created in it inherit them, and may outlive them.
  @TaskLocal static var all: [Tenure] = []

  let place: Place
  let claim: Claim
  let room: WaitingRoom
  private let store: UInt64
  /// Those whose code runs in it. When there is none left it is over. Each of them is alive as long as it is here, so an
  /// address among them is nobody else's.
  private let users = Mutex([Caller.current])

  init(_ store: Store, _ room: WaitingRoom, _ place: Place, _ claim: Claim) {
    self.store = store.coordination.id
    self.room = room
    self.place = place
    self.claim = claim
  }

  /// The tenure of a place that the current code is in.
  static func enclosing(_ store: Store, _ place: Place) -> Tenure? {
    all.last { $0.store == store.coordination.id && $0.place == place && $0.isLasting }
  }

  /// A tenure through a store that the current task or thread itself is in.
  static func current(of store: Store) -> Tenure? {
    let caller = Caller.current
    return all.last { $0.store == store.coordination.id && $0.isUsed(by: caller) }
  }

  private var isLasting: Bool { users.withLock { !$0.isEmpty } }

  private func isUsed(by caller: Caller) -> Bool {
    caller != .unknown && users.withLock { $0.contains(caller) }
  }

  /// Runs `body` in it.
  func run<R>(_ body: () throws -> R) throws -> R {
    try Self.$all.withValue(Self.all + [self], operation: body)
  }

  func run<R>(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R) async throws -> R {
    try await Self.$all.withValue(Self.all + [self], operation: body)
  }

  /// One more uses it, unless it is over.
  func join() -> Bool {
    let caller = Caller.current
    return users.withLock { users in
      guard !users.isEmpty else { return false }
      users.append(caller)
      return true
    }
  }

  /// One less. Gives back what it has if that was the last.
  func end() {
    let caller = Caller.current
    let isOver = users.withLock { users in
      users.remove(at: users.lastIndex(of: caller) ?? users.count - 1)
      return users.isEmpty
    }
    if isOver { room.leave(claim) }
  }

  /// Throws where to wait for the place would be to wait for oneself: where this task or thread has all permits in closures
  /// that it is in, or has taken the lock for no closure.
  static func checkDeadlock(_ store: Store, _ room: WaitingRoom, _ place: Place, permits: Int) throws {
    let caller = Caller.current
    let own = all.count { $0.room === room && $0.place == place && $0.isUsed(by: caller) }
    var isKept = false
    if place.kind == .lock, case .thread(let thread) = caller { isKept = room.isKept(place, by: thread) }
    guard own >= permits || isKept else { return }
    throw LMKVError(
      .deadlock,
      "The \(place.title) of the store \(store.path) was asked for by the task or thread that has it, which would wait for "
        + "ever. Take it once, or use a lock that is re-entrant."
    )
  }
}
