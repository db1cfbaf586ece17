/// Which transaction must come before which, and why. The nodes have numbers from 0.
struct DependencyGraph {
  enum Reason: UInt8, Hashable, Sendable {
    /// The second one wrote the version after that of the first one.
    case ww
    /// The second one read what the first one wrote.
    case wr
    /// The first one read the version that the second one replaced.
    case rw
    /// The first one had ended before the second one began.
    case time
  }

  struct Edge {
    let target: Int
    let reason: Reason
    let key: Int
  }

  private(set) var edges: [[Edge]]
  /// Nodes from this one on are no transactions but moments: what ended before it comes before what began after it.
  let firstMoment: Int

  init(transactions: Int, moments: Int) {
    edges = Array(repeating: [], count: transactions + moments)
    firstMoment = transactions
  }

  mutating func add(_ source: Int, _ target: Int, _ reason: Reason, key: Int = -1) {
    if source != target { edges[source].append(Edge(target: target, reason: reason, key: key)) }
  }

  /// The sets of nodes of which each can be reached from each, but for those of one node.
  func tangles() -> [[Int]] {
    var search = TangleSearch(edges.count)
    for node in edges.indices { search.visit(node, edges) }
    return search.tangles
  }

  /// The shortest path from a node to another one, moments not counted, as its edges. Nil when there is none.
  func path(from source: Int, to target: Int, in nodes: Set<Int>, by reasons: Set<Reason>) -> [(source: Int, Edge)]? {
    var cameBy: [Int: (source: Int, edge: Edge)] = [:]
    var front = [source]
    var seen: Set<Int> = [source]
    while !front.isEmpty {
      var next: [Int] = []
      // Moments cost nothing, so they belong to the same front.
      var index = 0
      while index < front.count {
        let node = front[index]
        index += 1
        for edge in edges[node] where reasons.contains(edge.reason) && nodes.contains(edge.target) {
          if edge.target == target { return trace(from: source, cameBy) + [(node, edge)] }
          guard seen.insert(edge.target).inserted else { continue }
          cameBy[edge.target] = (node, edge)
          if edge.target >= firstMoment { front.append(edge.target) } else { next.append(edge.target) }
        }
        func trace(from source: Int, _ cameBy: [Int: (source: Int, edge: Edge)]) -> [(source: Int, Edge)] {
          var path: [(source: Int, Edge)] = []
          var at = node
          while at != source, let step = cameBy[at] {
            path.append((step.source, step.edge))
            at = step.source
          }
          return path.reversed()
        }
      }
      front = next
    }
    return nil
  }
}

/// Tarjan's algorithm, without recursion: a history may have a path through all of its transactions.
private struct TangleSearch {
  private(set) var tangles: [[Int]] = []
  private var order: [Int]
  private var lowest: [Int]
  private var isOnStack: [Bool]
  private var stack: [Int] = []
  private var count = 0

  init(_ nodes: Int) {
    order = Array(repeating: -1, count: nodes)
    lowest = order
    isOnStack = Array(repeating: false, count: nodes)
  }

  mutating func visit(_ root: Int, _ edges: [[DependencyGraph.Edge]]) {
    guard order[root] < 0 else { return }
    var path: [(node: Int, next: Int)] = []
    enter(root, &path)
    while let (node, next) = path.last {
      if next < edges[node].count {
        path[path.count - 1].next += 1
        let target = edges[node][next].target
        if order[target] < 0 {
          enter(target, &path)
        } else if isOnStack[target] {
          lowest[node] = min(lowest[node], order[target])
        }
        continue
      }
      path.removeLast()
      if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
      if lowest[node] == order[node] { leave(node) }
    }
  }

  private mutating func enter(_ node: Int, _ path: inout [(node: Int, next: Int)]) {
    order[node] = count
    lowest[node] = count
    count += 1
    stack.append(node)
    isOnStack[node] = true
    path.append((node, 0))
  }

  private mutating func leave(_ node: Int) {
    var tangle: [Int] = []
    while let last = stack.popLast() {
      isOnStack[last] = false
      tangle.append(last)
      if last == node { break }
    }
    if tangle.count > 1 { tangles.append(tangle.reversed()) }
  }
}
