import Harness

#if LMKV
  let allContenders: [any CounterContender.Type] = [LMKVCounters.self, FloorCounters.self, SQLiteCounters.self]
#else
  let allContenders: [any CounterContender.Type] = [FloorCounters.self, SQLiteCounters.self]
#endif

/// What ratios are relative to.
let floorName = FloorCounters.name

func contender(named name: String) throws -> any CounterContender.Type {
  guard let contender = allContenders.first(where: { $0.name == name }) else {
    let names = allContenders.map { $0.name }.joined(separator: ", ")
    throw BenchmarkError("No contender is named \(name). There are: \(names).")
  }
  return contender
}
