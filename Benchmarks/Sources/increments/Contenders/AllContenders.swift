import Harness

var allContenders: ContenderList<any CounterContender.Type> {
  let contenders: [any CounterContender.Type] = [
    LMKVCounters.self, FloorCounters<SyncingAsAsked>.self, FloorCounters<NeverSyncing>.self, SQLiteCounters.self,
    RedisCounters.self, GRDBCounters.self,
  ]
  return ContenderList(contenders) { $0.name }
}

/// What ratios are relative to.
let floorName = SyncingAsAsked.name
let baseNames = [floorName, SQLiteCounters.name, RedisCounters.name, GRDBCounters.name]

extension ContenderList where Contender == any CounterContender.Type {
  /// What can run on this machine; a note tells about the others.
  func available() -> [Contender] {
    all.filter { contender in
      guard let obstacle = contender.obstacle else { return true }
      printNote("\(contender.name) is left out, since \(obstacle).")
      return false
    }
  }

  /// What somebody asked for by name, and must run.
  func required(_ names: [String]) throws -> [Contender] {
    try names.map { name in
      let contender = try named(name)
      if let obstacle = contender.obstacle { throw BenchmarkError("\(name) cannot run, since \(obstacle).") }
      return contender
    }
  }
}
