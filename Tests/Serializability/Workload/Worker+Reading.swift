internal import LMKV
internal import PowerSimulation

// What reads, and waits for nobody.
extension Worker {
  /// Reads a list, a counter, or some of both at one moment.
  func look() throws {
    let (list, counter) = (anyList(), anyCounter())
    switch chance.below(4) {
    case 0:
      let record = try newRecord("get")
      note(.read(list, try lists.get(list) ?? []))
      try keep(record, .committed)
    case 1:
      let record = try newRecord("get")
      note(.count(counter, try counters.get(counter) ?? 0))
      try keep(record, .committed)
    default:
      let keys = (0...chance.below(3)).map { _ in anyList() }
      let record = try newRecord("a snapshot")
      try store.read { note($0, keys, [counter]) }
      try keep(record, .committed)
    }
  }

  func note(_ snapshot: Snapshot, _ lists: [String], _ counters: [String]) {
    for list in lists { note(.read(list, snapshot[self.lists][list] ?? [])) }
    for counter in counters { note(.count(counter, snapshot[self.counters][counter] ?? 0)) }
  }

  /// Reads everything at one moment: the end of a history.
  package func lookAtAll() throws {
    let record = try newRecord("the last snapshot")
    try store.read { snapshot in
      for (list, value) in snapshot[lists].entries() { note(.read(list, value)) }
      for (counter, value) in snapshot[counters].entries() { note(.count(counter, value)) }
    }
    try keep(record, .committed)
  }
}
