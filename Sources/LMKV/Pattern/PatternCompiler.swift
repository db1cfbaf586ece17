/// Reads the text of a pattern, character by character, as Redis reads it byte by byte.
struct PatternCompiler {
  private let text: [Unicode.Scalar]
  private var position = 0
  private var steps: [PatternProgram.Step] = []
  private var sets: [ScalarSet] = []

  init(_ text: String) {
    self.text = Array(text.unicodeScalars)
  }

  private var remaining: Int { text.count - position }

  mutating func compile() -> PatternProgram {
    while remaining > 0 {
      switch text[position] {
      case "*":
        position += 1
        if steps.last != .anything { steps.append(.anything) }
      case "?":
        position += 1
        steps.append(.anyScalar)
      case "[":
        position += 1
        steps.append(.scalar(inSet: sets.count))
        sets.append(readClass())
      default:
        skipEscape()
        steps += text[position].utf8.map { .byte($0) }
        position += 1
      }
    }
    return program()
  }

  /// Steps over a backslash that has something to escape. One at the end of the pattern is a character like any other.
  @discardableResult
  private mutating func skipEscape() -> Bool {
    guard text[position] == "\\", remaining >= 2 else { return false }
    position += 1
    return true
  }

  /// Reads a class from behind its `[` to behind its `]`, or to the end of the pattern when there is none.
  private mutating func readClass() -> ScalarSet {
    var set = ScalarSet()
    if remaining > 0, text[position] == "^" {
      set.isNegated = true
      position += 1
    }
    while remaining > 0 {
      // An escaped character is never the start of a range, and the end of a range is never an escape or a `]`.
      if skipEscape() {
        set.insert(text[position], through: text[position])
      } else if text[position] == "]" {
        position += 1
        return set
      } else if remaining >= 3, text[position + 1] == "-" {
        set.insert(text[position], through: text[position + 2])
        position += 2
      } else {
        set.insert(text[position], through: text[position])
      }
      position += 1
    }
    return set
  }

  /// Splits the steps into literal ends and what lies between.
  private func program() -> PatternProgram {
    let prefix = literal(steps)
    let rest = steps.dropFirst(prefix.count)
    let suffix = literal(rest.reversed())
    return PatternProgram(
      prefix: prefix,
      wildcards: Array(rest.dropLast(suffix.count)),
      suffix: suffix.reversed(),
      sets: sets
    )
  }

  /// The literal bytes with which some steps begin.
  private func literal(_ steps: some Sequence<PatternProgram.Step>) -> [UInt8] {
    var bytes: [UInt8] = []
    for step in steps {
      guard case .byte(let byte) = step else { break }
      bytes.append(byte)
    }
    return bytes
  }
}
