import Harness

var allContenders: ContenderList<any ReadContender.Type> {
  let contenders: [any ReadContender.Type] = [
    LMKVEntries<CopiedBytes>.self, LMKVEntries<LentBytes>.self, FloorEntries.self, SQLiteEntries.self,
  ]
  return ContenderList(contenders) { $0.name }
}

/// What ratios are relative to, in the same mode.
let floorName = FloorEntries.name
