import FormatCheck
import LMKV
import PowerSimulation

/// One list to which every transaction appends its own number, in chunks, as of Elle: what is in it, and in which
/// order, tells which transactions there were, and which came first.
enum ListPlay: Play {
  private static let chunk = 128

  static func prepare(_ store: Store) throws {
    try store.scope("length", of: Int.self).set("n", 0)
  }

  static func act(_: inout Chance, _ id: ActID) -> Act {
    Act { tx in
      let length = tx.scope("length", of: Int.self)
      let chunks = tx.scope("list", of: [UInt64].self)
      let count = try length.get("n") ?? 0
      var last = try chunks.get(key(count / chunk)) ?? []
      guard last.count == count % chunk else {
        throw Fault("a transaction finds \(last.count) in the last chunk of \(count)")
      }
      last.append(id.raw)
      try chunks.set(key(count / chunk), last)
      try length.set("n", count + 1)
      return UInt64(count)
    }
  }

  private static func key(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private static func list(_ snapshot: Snapshot) throws -> [UInt64] {
    let count = try snapshot.scope("length", of: Int.self).get("n") ?? 0
    var list: [UInt64] = []
    list.reserveCapacity(count)
    for (_, chunk) in snapshot.scope("list", of: [UInt64].self) { list += chunk }
    guard list.count == count else { throw Fault("a snapshot has \(list.count) in its list, and says \(count)") }
    return list
  }

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  private static func mixed(_ hash: UInt64, _ number: UInt64) -> UInt64 {
    (hash ^ number) &* 0x9E37_79B9_7F4A_7C15 ^ (hash >> 29)
  }

  static func look(_ snapshot: Snapshot, _ journal: Journal, began: UInt64) throws {
    let list = try list(snapshot)
    journal.note(.seen, began, UInt64(list.count), list.reduce(seed, mixed))
  }

  static func check(_ store: Store, _ history: History) throws {
    let list = try store.read { snapshot in try Self.list(snapshot) }
    var places: [ActID: Int] = [:]
    for (place, raw) in list.enumerated() {
      let id = ActID(raw: raw)
      guard places.updateValue(place, forKey: id) == nil else { throw Fault("doubled: \(raw) is in the list twice") }
      guard let life = history.acts[id], life.begun != nil else {
        throw Fault("\(raw) is in the list, and was never begun")
      }
      if id.isThrowing || life.isUndone { throw Fault("half: \(raw) is in the list, and was undone") }
      if life.done != nil, life.note != UInt64(place) {
        throw Fault("\(raw) is at \(place), and was told \(life.note)")
      }
    }
    for (id, life) in history.acts where life.done != nil && places[id] == nil {
      throw Fault("lost: \(id.raw) was acknowledged as \(life.note), and is not in the list of \(list.count)")
    }
    // What was acknowledged before another one began comes before it.
    var earliest = UInt64.max
    for (place, raw) in list.enumerated().reversed() {
      guard let life = history.acts[ActID(raw: raw)] else { continue }
      if let begun = life.begun, earliest < begun {
        throw Fault("order: one that comes after \(raw) (\(place)) was acknowledged before that had begun")
      }
      if let done = life.done { earliest = min(earliest, done) }
    }
    try checkSeen(list, places, history)
  }

  /// Each list that a reader saw is the beginning of the final one, and has all that was acknowledged before.
  private static func checkSeen(_ list: [UInt64], _ places: [ActID: Int], _ history: History) throws {
    var hashes = [seed]
    for number in list { hashes.append(mixed(hashes[hashes.count - 1], number)) }
    let acknowledged = history.acts.compactMap { id, life in life.done.map { (done: $0, place: places[id] ?? 0) } }
      .sorted { $0.done < $1.done }
    var (next, longest) = (0, 0)
    for seen in history.seen.sorted(by: { $0.began < $1.began }) {
      guard seen.length <= list.count, hashes[Int(seen.length)] == seen.hash else {
        throw Fault("a reader saw a list of \(seen.length) that is no beginning of the final one")
      }
      while next < acknowledged.count, acknowledged[next].done < seen.began {
        longest = max(longest, acknowledged[next].place + 1)
        next += 1
      }
      guard seen.length >= longest else {
        throw Fault("a reader saw \(seen.length), when \(longest) had been acknowledged")
      }
    }
  }
}
