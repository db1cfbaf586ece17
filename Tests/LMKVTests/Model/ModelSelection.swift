import LMKV

/// A selection, and what it should choose.
struct ModelSelection {
  private(set) var selection: KeySelection
  private(set) var text: String
  private(set) var limit: Int?
  private var conditions: [(KeyPool.Key) -> Bool] = []
  private var isReversed = false

  private init(_ selection: KeySelection, _ text: String, _ conditions: (KeyPool.Key) -> Bool...) {
    self.selection = selection
    self.text = text
    self.conditions = conditions
  }

  static var all: ModelSelection { ModelSelection(.all, "all") }

  static func prefix(_ prefix: String) -> ModelSelection {
    let bytes = Array(prefix.utf8)
    return ModelSelection(.prefix(prefix), "prefix \(prefix.debugDescription)") {
      $0.bytes.count >= bytes.count && Array($0.bytes[..<bytes.count]) == bytes
    }
  }

  static func from(_ key: String) -> ModelSelection {
    let bytes = Array(key.utf8)
    return ModelSelection(.from(key), "from \(key.debugDescription)") { !isBefore($0.bytes, bytes) }
  }

  static func before(_ key: String) -> ModelSelection {
    let bytes = Array(key.utf8)
    return ModelSelection(.before(key), "before \(key.debugDescription)") { isBefore($0.bytes, bytes) }
  }

  /// Two bounds in any order; a range of Swift wants them in that of Unicode.
  static func range(_ first: String, _ second: String, isClosed: Bool) -> ModelSelection {
    let (lower, upper) = first <= second ? (first, second) : (second, first)
    let (low, high) = (Array(lower.utf8), Array(upper.utf8))
    let text = "\(lower.debugDescription)\(isClosed ? "..." : "..<")\(upper.debugDescription)"
    return isClosed
      ? ModelSelection(.range(lower...upper), text) { !isBefore($0.bytes, low) && !isBefore(high, $0.bytes) }
      : ModelSelection(.range(lower..<upper), text) { !isBefore($0.bytes, low) && isBefore($0.bytes, high) }
  }

  static func matching(_ pattern: ModelPattern) -> ModelSelection {
    ModelSelection(.matching(Pattern(pattern.text)), "matching \(pattern.text.debugDescription)") {
      pattern.matches($0.scalars)
    }
  }

  func reversed() -> ModelSelection {
    changed("reversed", selection.reversed()) { $0.isReversed.toggle() }
  }

  func limited(to count: Int) -> ModelSelection {
    changed("limit \(count)", selection.limited(to: count)) { $0.limit = max(0, min(count, limit ?? count)) }
  }

  func after(_ key: String) -> ModelSelection {
    let bytes = Array(key.utf8)
    return changed("after \(key.debugDescription)", selection.after(key)) { new in
      new.conditions.append(isReversed ? { isBefore($0.bytes, bytes) } : { isBefore(bytes, $0.bytes) })
    }
  }

  private func changed(_ text: String, _ selection: KeySelection, _ change: (inout Self) -> Void) -> ModelSelection {
    var new = self
    change(&new)
    new.selection = selection
    new.text += ", " + text
    return new
  }

  /// What it chooses of some keys, given by their numbers in order.
  func chosen(_ ranks: [Int], _ pool: KeyPool) -> [Int] {
    let chosen = unlimited(ranks, pool)
    return limit.map { Array(chosen.prefix($0)) } ?? chosen
  }

  /// The same without the limit, which a loop counts down by itself.
  func unlimited(_ ranks: [Int], _ pool: KeyPool) -> [Int] {
    let chosen = ranks.filter { rank in conditions.allSatisfy { $0(pool.keys[rank]) } }
    return isReversed ? chosen.reversed() : chosen
  }

  /// Whether one key comes after another in the selection's direction.
  func isAfter(_ rank: Int, _ other: Int) -> Bool {
    isReversed ? rank < other : rank > other
  }
}

/// A glob as what it means, with its text.
struct ModelPattern {
  enum Piece {
    case scalar(Unicode.Scalar)
    case one
    case anything
    case from(Unicode.Scalar, to: Unicode.Scalar, isNegated: Bool)
  }

  let pieces: [Piece]

  var text: String {
    pieces.map { piece in
      switch piece {
      case .scalar(let scalar): ("*?[]\\^-".unicodeScalars.contains(scalar) ? "\\" : "") + String(scalar)
      case .one: "?"
      case .anything: "*"
      case .from(let low, let high, let isNegated): "[\(isNegated ? "^" : "")\(low)-\(high)]"
      }
    }.joined()
  }

  /// Tries everything; keys are short.
  func matches(_ key: [Unicode.Scalar]) -> Bool {
    // Which beginnings of the key are matched by the pieces so far.
    var matched = Set([0])
    for piece in pieces {
      var next: Set<Int> = []
      for position in matched {
        switch piece {
        case .anything: next.formUnion(position...key.count)
        case .one where position < key.count: next.insert(position + 1)
        case .scalar(let scalar) where position < key.count && key[position] == scalar: next.insert(position + 1)
        case .from(let low, let high, let isNegated)
        where position < key.count && ((low...high).contains(key[position]) != isNegated):
          next.insert(position + 1)
        default: break
        }
      }
      matched = next
    }
    return matched.contains(key.count)
  }
}
