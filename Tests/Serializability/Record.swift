/// What somebody did to a store at once: a transaction, a snapshot, or a single verb.
package struct Record: Codable, Hashable, Sendable {
  package enum Outcome: String, Codable, Sendable {
    /// It returned.
    case committed
    /// It threw, and nothing of it may be in the store.
    case undone
    /// Its process was killed before it returned.
    case unknown
  }

  /// Unlike that of any other record of the history.
  package let id: Int
  /// What it was, in words.
  package let door: String
  /// On a clock that all processes share, before it began and after it ended.
  package let began: UInt64
  package var ended: UInt64
  package var outcome: Outcome
  package var steps: [Step]

  package init(
    _ id: Int,
    _ door: String,
    began: UInt64,
    ended: UInt64 = .max,
    _ outcome: Outcome = .unknown,
    _ steps: [Step] = []
  ) {
    self.id = id
    self.door = door
    self.began = began
    self.ended = ended
    self.outcome = outcome
    self.steps = steps
  }
}

/// One thing that a transaction did or saw, in the order in which it did.
///
/// There are two kinds of keys. Under one kind there are lists, which only grow: each element is appended once in the
/// whole history, so a list says who wrote it, in which order. Under the other kind there are counters, which only grow
/// by one.
package indirect enum Step: Codable, Hashable, Sendable {
  /// Saw a list. An absent key is the empty list.
  case read(String, [Int])
  /// Appended an element.
  case append(String, Int)
  /// Saw a counter.
  case count(String, Int)
  /// Raised a counter to this number.
  case raise(String, Int)
  /// What it did in a savepoint, and whether that was kept.
  case savepoint([Step], isKept: Bool)
}
