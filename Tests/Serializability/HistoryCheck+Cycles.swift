extension HistoryCheck {
  /// Makes the graph of what must come before what, and looks for those who come before themselves.
  mutating func findCycles() {
    let keys = orders.keys.sorted()
    let graph = graph(keys)
    for tangle in graph.tangles() {
      guard let cycle = shortestCycle(tangle, graph) else { continue }
      let reasons = cycle.map(\.edge.reason)
      report(kind(reasons), transactions(cycle, graph), text(cycle, graph, keys))
    }
  }

  // MARK: The graph

  private func graph(_ keys: [String]) -> DependencyGraph {
    let ends = Set(records.map(\.ended)).subtracting([.max]).sorted()
    var graph = DependencyGraph(transactions: records.count, moments: ends.count)
    for (index, key) in keys.enumerated() { addWrites(&graph, orders[key] ?? .init(), index) }
    let indices = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
    for place in records.indices {
      for (key, list) in replays[place].lists { addRead(&graph, place, key, list.count, indices) }
      for (key, number) in replays[place].counters { addRead(&graph, place, key, number, indices) }
    }
    addTime(&graph, ends)
    return graph
  }

  private func addWrites(_ graph: inout DependencyGraph, _ order: VersionOrder, _ key: Int) {
    var former: Int?
    for id in order.writers.compactMap(\.self) {
      guard let place = places[id] else { continue }
      if let former { graph.add(former, place, .ww, key: key) }
      former = place
    }
  }

  private func addRead(
    _ graph: inout DependencyGraph,
    _ place: Int,
    _ key: String,
    _ version: Int,
    _ keys: [String: Int]
  ) {
    guard let order = orders[key], let index = keys[key] else { return }
    if let writer = order.writer(of: version).flatMap({ places[$0] }) { graph.add(writer, place, .wr, key: index) }
    if let next = order.writer(after: version).flatMap({ places[$0.id] }) { graph.add(place, next, .rw, key: index) }
  }

  private func addTime(_ graph: inout DependencyGraph, _ ends: [UInt64]) {
    for index in ends.indices.dropLast() {
      graph.add(graph.firstMoment + index, graph.firstMoment + index + 1, .time)
    }
    for (place, record) in records.enumerated() {
      let before = Self.count(ends, below: record.began)
      if before > 0 { graph.add(graph.firstMoment + before - 1, place, .time) }
      guard record.ended != .max else { continue }
      graph.add(place, graph.firstMoment + Self.count(ends, below: record.ended), .time)
    }
  }

  /// How many of some sorted numbers are smaller.
  private static func count(_ numbers: [UInt64], below limit: UInt64) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < limit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Cycles

  private typealias Cycle = [(source: Int, edge: DependencyGraph.Edge)]

  /// How many beginnings are tried to find a short one.
  private static let maxTrials = 200

  /// The plainest cycle of a tangle: without real time if possible, with few reads that missed a write, and short.
  private func shortestCycle(_ tangle: [Int], _ graph: DependencyGraph) -> Cycle? {
    let nodes = Set(tangle)
    for time in [[], [DependencyGraph.Reason.time]] {
      for reasons in [[.ww], [.ww, .wr]] as [Set<DependencyGraph.Reason>] {
        if let cycle = shortest(tangle, nodes, graph, reasons.union(time)) { return cycle }
      }
      if let cycle = shortestWithOneMiss(tangle, nodes, graph, Set([.ww, .wr] + time)) { return cycle }
      if let cycle = shortest(tangle, nodes, graph, Set([.ww, .wr, .rw] + time)) { return cycle }
    }
    return nil
  }

  private func shortest(
    _ tangle: [Int],
    _ nodes: Set<Int>,
    _ graph: DependencyGraph,
    _ reasons: Set<DependencyGraph.Reason>
  ) -> Cycle? {
    let starts = tangle.lazy.filter { $0 < graph.firstMoment }.prefix(Self.maxTrials)
    return Self.shortest(starts.compactMap { graph.path(from: $0, to: $0, in: nodes, by: reasons) })
  }

  private func shortestWithOneMiss(
    _ tangle: [Int],
    _ nodes: Set<Int>,
    _ graph: DependencyGraph,
    _ reasons: Set<DependencyGraph.Reason>
  ) -> Cycle? {
    let misses: [(source: Int, edge: DependencyGraph.Edge)] = tangle.flatMap { node in
      graph.edges[node].filter { $0.reason == .rw && nodes.contains($0.target) }.map { (node, $0) }
    }
    return Self.shortest(
      misses.prefix(Self.maxTrials).compactMap { miss in
        graph.path(from: miss.edge.target, to: miss.source, in: nodes, by: reasons).map { [miss] + $0 }
      }
    )
  }

  private static func shortest(_ cycles: [Cycle]) -> Cycle? { cycles.min { $0.count < $1.count } }

  private func kind(_ reasons: [DependencyGraph.Reason]) -> Anomaly.Kind {
    let misses = reasons.count { $0 == .rw }
    let kinds: (Anomaly.Kind, Anomaly.Kind) =
      if misses > 1 {
        (.g2, .g2RealTime)
      } else if misses == 1 {
        (.gSingle, .gSingleRealTime)
      } else if reasons.contains(.wr) {
        (.g1c, .g1cRealTime)
      } else {
        (.g0, .g0RealTime)
      }
    return reasons.contains(.time) ? kinds.1 : kinds.0
  }

  // MARK: In words

  private func transactions(_ cycle: Cycle, _ graph: DependencyGraph) -> [Int] {
    cycle.map(\.source).filter { $0 < graph.firstMoment }.map { records[$0].id }
  }

  private func text(_ cycle: Cycle, _ graph: DependencyGraph, _ keys: [String]) -> String {
    let steps = cycle.filter { $0.source < graph.firstMoment }
    let names = steps.map { "T\(records[$0.source].id)" }
    let parts = steps.indices.map { index in
      let edge = steps[index].edge
      let key = edge.key >= 0 ? keys[edge.key] : ""
      let verb =
        switch edge.reason {
        case .ww: "wrote \(key) before"
        case .wr: "wrote what was read of \(key) by"
        case .rw: "read \(key) before it was written by"
        case .time: "had ended before the beginning of"
        }
      return "\(verb) \(names[(index + 1) % names.count])"
    }
    return "\(names.first ?? "") " + parts.joined(separator: ", which ")
  }
}
