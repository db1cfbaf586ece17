/// The work of ``History/anomalies()``.
struct HistoryCheck {
  let records: [Record]
  let replays: [Replay]
  /// The place of each transaction in `records`.
  let places: [Int: Int]
  /// By key.
  var orders: [String: VersionOrder] = [:]
  private(set) var anomalies: [Anomaly] = []

  init(_ records: [Record]) {
    self.records = records
    replays = records.map(Replay.init)
    places = Dictionary(records.indices.map { (records[$0].id, $0) }) { first, _ in first }
  }

  mutating func report(_ kind: Anomaly.Kind, _ transactions: [Int], _ text: String) {
    let lines = transactions.compactMap { places[$0].map { "\n  \(records[$0])" } }
    anomalies.append(Anomaly(kind, transactions, text + lines.joined()))
  }

  // MARK: What each says by itself

  mutating func checkThemselves() {
    for (record, replay) in zip(records, replays) {
      for contradiction in replay.contradictions { report(.inconsistent, [record.id], contradiction) }
    }
  }

  // MARK: The versions

  /// Takes the order of the versions from the longest list of each key, and looks whether the lists are possible.
  mutating func orderLists() {
    var longest: [String: [Int]] = [:]
    for (record, replay) in zip(records, replays) {
      for (key, list) in replay.lists {
        let list = list + (record.outcome == .committed ? replay.appended[key] ?? [] : [])
        if list.count > longest[key]?.count ?? -1 { longest[key] = list }
      }
    }
    let undone = Set(replays.flatMap { $0.undone.map(\.element) })
    for (key, list) in longest.sorted(by: { $0.key < $1.key }) {
      orders[key] = VersionOrder(writers: list.map(History.owner))
      checkElements(key, list, undone)
    }
    for (record, replay) in zip(records, replays) {
      checkReads(record, replay, longest)
      guard record.outcome == .committed else { continue }
      for (key, elements) in replay.appended.sorted(by: { $0.key < $1.key }) {
        for element in elements where longest[key]?.contains(element) != true {
          report(.lostWrite, [record.id], "\(element) is not in \(key), which is \(longest[key] ?? [])")
        }
      }
    }
  }

  private mutating func checkElements(_ key: String, _ list: [Int], _ undone: Set<Int>) {
    var seen: Set<Int> = []
    for element in list {
      let owner = History.owner(of: element)
      if !seen.insert(element).inserted {
        report(.duplicate, [owner], "\(element) is twice in \(key), which is \(list)")
      }
      guard let place = places[owner] else {
        report(.garbage, [], "nobody has appended \(element), which is in \(key)")
        continue
      }
      if undone.contains(element) {
        report(.g1a, [owner] + readers(of: element, key, but: owner), "\(element) in \(key) was undone")
      } else if records[place].outcome != .unknown, replays[place].appended[key]?.contains(element) != true {
        report(.garbage, [owner], "nobody has appended \(element), which is in \(key)")
      }
    }
  }

  private func readers(of element: Int, _ key: String, but owner: Int) -> [Int] {
    let reader = records.indices.first { replays[$0].lists[key]?.contains(element) == true && records[$0].id != owner }
    return reader.map { [records[$0].id] } ?? []
  }

  private mutating func checkReads(_ record: Record, _ replay: Replay, _ longest: [String: [Int]]) {
    for (key, list) in replay.lists.sorted(by: { $0.key < $1.key }) {
      guard let longest = longest[key] else { continue }
      if !longest.starts(with: list) {
        report(.incompatibleOrder, [record.id], "\(key) was \(list), and \(longest) at another time")
      } else if let last = list.last, list.count < longest.count {
        let owner = History.owner(of: last)
        guard owner != record.id, History.owner(of: longest[list.count]) == owner else { continue }
        report(.g1b, [owner, record.id], "\(key) was read between two writes of one transaction")
      }
    }
  }

  /// The same for counters, whose numbers are their versions.
  mutating func orderCounters() {
    var counters: [String: VersionOrder] = [:]
    for (record, replay) in zip(records, replays) {
      for (key, number) in replay.counters { grow(&counters[key, default: .init()], to: number) }
      guard record.outcome == .committed else { continue }
      for (key, numbers) in replay.raised {
        for number in numbers where number > 0 {
          grow(&counters[key, default: .init()], to: number)
          if let other = counters[key]?.writers[number - 1] {
            report(.duplicate, [other, record.id], "both raised \(key) to \(number)")
          } else {
            counters[key]?.writers[number - 1] = record.id
          }
        }
      }
    }
    // Who was killed may have written a number without a writer.
    let mayHaveHoles = records.contains { $0.outcome == .unknown }
    for (key, order) in counters.sorted(by: { $0.key < $1.key }) {
      if !mayHaveHoles, let hole = order.writers.firstIndex(of: nil) {
        report(.garbage, [], "nobody has raised \(key) to \(hole + 1)")
      }
      orders[key] = order
    }
  }

  private func grow(_ order: inout VersionOrder, to number: Int) {
    while order.writers.count < number { order.writers.append(nil) }
  }

  /// Two that wrote to the same version of a key.
  mutating func findLostUpdates() {
    struct Version: Hashable {
      let key: String
      let number: Int
    }
    var first: [Version: Int] = [:]
    for (record, replay) in zip(records, replays) where record.outcome == .committed {
      let lists = replay.appended.keys.compactMap { key in replay.lists[key].map { Version(key: key, number: $0.count) }
      }
      let counters = replay.raised.keys.compactMap { key in
        replay.counters[key].map { Version(key: key, number: $0) }
      }
      for version in (lists + counters).sorted(by: { $0.key < $1.key }) {
        guard let other = first[version] else {
          first[version] = record.id
          continue
        }
        report(.lostUpdate, [other, record.id], "both saw version \(version.number) of \(version.key), and changed it")
      }
    }
  }
}
