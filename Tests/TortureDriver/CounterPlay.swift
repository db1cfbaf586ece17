import FormatCheck
import LMKV
import PowerSimulation

/// Counters that are raised by one: each process has its own, and all have one together. No two who raise the same one
/// are told the same sum.
enum CounterPlay: Play {
  private static let total = "total"
  private static let shared = "vall"

  static func prepare(_ store: Store) throws {
    try store.scope("counters", of: Int.self).set(total, 0)
  }

  static func act(_ chance: inout Chance, _ id: ActID) -> Act {
    let stream = id.stream
    if !id.isThrowing, chance.once(in: 3) {
      let isShared = chance.once(in: 2)
      let key = isShared ? shared : "v\(stream)"
      return Act(
        kind: isShared ? 2 : 1,
        verb: { UInt64(try $0.scope("verbs", of: Int.self).increment(key)) },
        asyncVerb: { UInt64(try await $0.scope("verbs", of: Int.self).async.increment(key)) }
      )
    }
    return Act { tx in
      let counters = tx.scope("counters", of: Int.self)
      try counters.increment(total)
      return UInt64(try counters.increment("t\(stream)"))
    }
  }

  static func look(_ snapshot: Snapshot, _: Journal, began _: UInt64) throws {
    try checkSum(snapshot)
  }

  private static func checkSum(_ snapshot: Snapshot) throws {
    var (sum, all) = (0, 0)
    for (key, value) in snapshot.scope("counters", of: Int.self) {
      if key == total { all = value } else { sum += value }
    }
    guard sum == all else { throw Fault("a snapshot has a total of \(all), and its parts make \(sum)") }
  }

  static func check(_ store: Store, _ history: History) throws {
    struct Counts {
      var (begun, done, undone) = (0, 0, 0)
      var sums: Set<UInt64> = []
    }
    var counts: [String: Counts] = [:]
    for (id, life) in history.acts {
      let name = life.kind == 2 ? shared : (life.kind == 1 ? "v" : "t") + "\(id.stream)"
      counts[name, default: Counts()].begun += 1
      if life.done != nil {
        counts[name, default: Counts()].done += 1
        guard counts[name, default: Counts()].sums.insert(life.note).inserted else {
          throw Fault("\(name): two were told that it is \(life.note)")
        }
      }
      if life.isUndone || id.isThrowing { counts[name, default: Counts()].undone += 1 }
    }
    try store.read { snapshot in
      try checkSum(snapshot)
      for (name, count) in counts {
        let value = try snapshot.scope(name.hasPrefix("v") ? "verbs" : "counters", of: Int.self).get(name) ?? 0
        guard value >= count.sums.max() ?? 0 else {
          throw Fault("lost: \(name) is \(value), after \(count.sums.max() ?? 0)")
        }
        guard value >= count.done else { throw Fault("lost: \(name) is \(value), and \(count.done) were acknowledged") }
        guard value <= count.begun - count.undone else {
          throw Fault("doubled: \(name) is \(value), and \(count.begun) - \(count.undone) were attempted")
        }
        if let stream = UInt64(name.dropFirst()), history.ended.contains(stream), value != count.done {
          throw Fault("\(name) is \(value), and its process, which nobody killed, had \(count.done) acknowledged")
        }
      }
    }
  }
}
