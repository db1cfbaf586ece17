import LMKV

extension Driver {
  /// [relaxed]: increments without end, and says after each how far it is.
  static func storm(_ path: String, _ arguments: [String]) throws {
    let durability: Durability = arguments.contains("relaxed") ? .relaxed(flushEvery: .milliseconds(50)) : .full
    let store = try Store(path: path, configuration: .init(durability: durability))
    let counters = store.scope("counters", of: Int.self)
    while true { say("\(try counters.increment("n"))") }
  }
}
