/// The keys of a run, in the order of their bytes, so that the model can tell them apart and sort them by number.
///
/// To Swift two strings are equal when Unicode says so; to the store, when their bytes are.
struct KeyPool: Sendable {
  struct Key: Sendable {
    let text: String
    let bytes: [UInt8]
    let scalars: [Unicode.Scalar]

    init(_ text: String) {
      self.text = text
      bytes = Array(text.utf8)
      scalars = Array(text.unicodeScalars)
    }
  }

  let keys: [Key]
  private let ranks: [[UInt8]: Int]

  init(using random: inout SeededGenerator) {
    var texts = Self.chosen
    for _ in 0..<40 { texts.append(randomKey(using: &random)) }
    texts += ["k" + String(repeating: "x", count: 509) + "y", String(repeating: "ü", count: 255) + "z"]
    var seen: Set<[UInt8]> = []
    keys = texts.map(Key.init).filter { seen.insert($0.bytes).inserted }.sorted { isBefore($0.bytes, $1.bytes) }
    ranks = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($0.element.bytes, $0.offset) })
  }

  /// The number of a key that the store gave out; -1 for one that nobody wrote.
  func rank(_ text: String) -> Int {
    ranks[Array(text.utf8)] ?? -1
  }

  /// Neighbours, prefixes of each other, the same text in other bytes, and what means something in a pattern.
  private static let chosen = [
    "a", "a\0", "a\0b", "a/", "a0", "aa", "ab", "A", "b", "user:", "user:user-001", "user:user-002", "user:user-0021",
    "group:user-001", "user;", "\u{E9}t\u{E9}", "e\u{301}te\u{301}", "*", "?", "[a]", "\\", "-001", "\0", "\u{7F}", "水",
    "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "👩‍👩‍👧", " ", "\n", "counter", "lock",
  ]
}

/// Whether bytes come before others, as LMDB orders them.
func isBefore(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  var index = 0
  while index < left.count, index < right.count {
    if left[index] != right[index] { return left[index] < right[index] }
    index += 1
  }
  return left.count < right.count
}
