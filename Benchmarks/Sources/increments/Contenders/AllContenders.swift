import Harness

var allContenders: ContenderList<any CounterContender.Type> {
  var contenders: [any CounterContender.Type] = [FloorCounters.self, SQLiteCounters.self]
  contenders.insert(LMKVCounters.self, at: 0)
  return ContenderList(contenders) { $0.name }
}

/// What ratios are relative to.
let floorName = FloorCounters.name
