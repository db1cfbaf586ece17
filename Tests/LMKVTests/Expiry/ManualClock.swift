import LMKV
import Synchronization
import Testing

/// A clock that stands still until it is told otherwise.
final class ManualClock: Sendable {
  private let milliseconds: Atomic<Int64>

  init(_ start: Int64 = 1_000_000) {
    milliseconds = Atomic(start)
  }

  var now: Int64 {
    get { milliseconds.load(ordering: .relaxed) }
    set { milliseconds.store(newValue, ordering: .relaxed) }
  }

  func advance(by duration: Duration) {
    now += Int64(duration / .milliseconds(1))
  }

  var storeClock: StoreClock { StoreClock { [self] in now } }
}

/// Runs a body with a new store on a clock of its own, and checks the store and its expiry index afterwards.
func withClockedStore<R>(_ body: (Store, ManualClock) throws -> R) throws -> R {
  try withTemporaryDirectory { directory in
    let clock = ManualClock()
    let store = try Store(path: directory.path(of: "store"), clock: clock)
    let result = try body(store, clock)
    try store.checkExpiryIndex()
    try store.close()
    return result
  }
}

/// Runs an asynchronous body with a new store on a clock of its own, and checks the store afterwards.
func withClockedStore<R>(
  isolation: isolated (any Actor)? = #isolation,
  _ body: (Store, ManualClock) async throws -> R
) async throws -> R {
  try await withTemporaryDirectory { directory in
    let clock = ManualClock()
    let store = try Store(path: directory.path(of: "store"), clock: clock)
    let result = try await body(store, clock)
    try store.checkExpiryIndex()
    try store.close()
    return result
  }
}

extension Store {
  convenience init(path: String, clock: ManualClock) throws {
    var configuration = Configuration(durability: .relaxed())
    configuration.clock = clock.storeClock
    try self.init(path: path, configuration: configuration)
  }
}
