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

extension Driver {
  /// SIZE: relaxed increments without end in a store that may be so large, beside entries that fill a quarter of it.
  static func limited(_ path: String, _ arguments: [String]) throws {
    var configuration = Store.Configuration(durability: .relaxed(flushEvery: .seconds(60)))
    configuration.maxSize = Int(arguments[0])
    let store = try Store(path: path, configuration: configuration)
    let entries = store.scope("entries", of: [UInt8].self)
    for number in 0..<100 { try entries.set("key-\(number)", [UInt8](repeating: 1, count: 10_000)) }
    let counters = store.scope("counters", of: Int.self)
    while true { say("\(try counters.increment("n"))") }
  }
}
