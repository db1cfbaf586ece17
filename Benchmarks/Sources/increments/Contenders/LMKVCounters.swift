internal import LMKV

/// LMKV: a scope of integers.
struct LMKVCounters: SuspendingCounterContender, CounterCaller {
  static let name = "lmkv"

  private let counters: Scope<Int>
  private let keys: [String]

  init(directory: String, counters count: Int, durability: Durability) throws {
    let configuration = Store.Configuration(durability: durability == .full ? .full : .relaxed())
    counters = try Store(path: directory, configuration: configuration).scope("counters", of: Int.self)
    keys = (0..<count).map { "counter-\($0)" }
    for key in keys where try counters.get(key) == nil {
      try counters.increment(key, by: 0)
    }
  }

  func makeCaller() -> any CounterCaller { self }

  func increment(_ counter: Int) throws -> Int {
    try counters.increment(keys[counter], by: 1)
  }

  func increment(_ counter: Int) async throws -> Int {
    try await counters.async.increment(keys[counter], by: 1)
  }

  func sum() throws -> Int {
    try keys.reduce(0) { sum, key in sum + (try counters.get(key) ?? 0) }
  }
}
