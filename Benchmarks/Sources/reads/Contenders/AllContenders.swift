import Harness

var allContenders: ContenderList<any ReadContender.Type> {
  var contenders: [any ReadContender.Type] = [FloorEntries.self, SQLiteEntries.self]
  contenders.insert(LMKVEntries.self, at: 0)
  return ContenderList(contenders) { $0.name }
}

/// What ratios are relative to, in the same mode.
let floorName = FloorEntries.name
