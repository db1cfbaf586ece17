internal import LMDB
internal import Synchronization

/// A piece of code that has a lock, so that what is called in it can be told from others.
final class Tenure: Sendable {
  /// Those that the current code is in. Tasks that are created in it inherit them.
  @TaskLocal static var all: [Tenure] = []

  private let store: ObjectIdentifier
  private let place: Place
  private let caller = Caller.current
  /// How many pieces of code use it. Once it is 0 it is over.
  private let depth = Mutex(1)
  let token: UInt64

  init(_ store: Store, _ place: Place, _ token: UInt64) {
    self.store = ObjectIdentifier(store)
    self.place = place
    self.token = token
  }

  /// The tenure of a place that the current code is in.
  static func enclosing(_ store: Store, _ place: Place) -> Tenure? {
    all.last { $0.store == ObjectIdentifier(store) && $0.place == place && $0.isLasting }
  }

  private var isLasting: Bool { depth.withLock { $0 > 0 } }

  /// Runs `body` in it.
  func run<R>(_ body: () throws -> R) throws -> R {
    try Self.$all.withValue(Self.all + [self], operation: body)
  }

  func run<R>(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R) async throws -> R {
    try await Self.$all.withValue(Self.all + [self], operation: body)
  }

  /// One more uses it, unless it is over.
  func join() -> Bool {
    depth.withLock { depth in
      guard depth > 0 else { return false }
      depth += 1
      return true
    }
  }

  /// One less. Returns whether that was the last.
  func end() -> Bool {
    depth.withLock { depth in
      depth -= 1
      return depth == 0
    }
  }

  /// Throws where to wait for the place would be to wait for oneself.
  static func checkDeadlock(_ store: Store, _ place: Place) throws {
    guard let tenure = enclosing(store, place), tenure.caller == Caller.current else { return }
    throw LMKVError(
      .deadlock,
      "The \(place.title) of the store \(store.path) was asked for by the task or thread that has it, which would wait for "
        + "ever. Take it once, or use a lock that is re-entrant."
    )
  }
}

/// A task, or where there is none, a thread.
private enum Caller: Hashable, Sendable {
  case task(Int)
  case thread(UInt)

  static var current: Caller {
    let task = unsafe withUnsafeCurrentTask { task in unsafe task.map { unsafe $0.hashValue } }
    return task.map { .task($0) } ?? .thread(ThreadIdentity.current)
  }
}
