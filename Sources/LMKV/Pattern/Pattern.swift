/// A glob that selects keys, compiled once and matched against any number of them.
///
/// ```swift
/// let users: Pattern = "user:*"
/// users.matches("user:001")                  // true
/// Pattern("log-[0-9]?.txt").matches("log-7a.txt")  // true
/// ```
///
/// The rules are those of Redis's `KEYS`, case-sensitive, and the whole key has to match:
///
/// | in a pattern | matches |
/// |---|---|
/// | `*` | any characters, also none |
/// | `?` | exactly one character |
/// | `[abc]`, `[a-c]` | one character of the class; the ends of a range come in either order |
/// | `[^abc]` | one character that is not of the class (`!` negates nothing) |
/// | `\x` | the character `x` itself, also inside a class; at the very end, a backslash |
/// | anything else | itself |
///
/// No text is refused. As in Redis, a class that is never closed ends with the pattern (`[ab` is `[ab]`), `[]` matches
/// nothing and `[^]` any one character, and a range takes what follows its hyphen as it is, be it `]` or `\`.
///
/// A character is a Unicode scalar, where Redis counts bytes: on ASCII both agree, and `?` matches `ü` here. Text is
/// compared as its UTF-8 bytes, so `é` and `e` with a combining accent differ, as they do as keys. Bytes of a key that
/// are not UTF-8 count as one character each, which `*`, `?` and negated classes match and nothing else does.
///
/// Matching takes time in proportion to pattern times key at worst, allocates nothing, and is safe from any thread.
public struct Pattern: Sendable {
  /// The pattern as it was written.
  public let description: String

  let program: PatternProgram

  /// Compiles a pattern. Every text is a pattern; see ``Pattern`` for the rules.
  public init(_ text: String) {
    description = text
    var compiler = PatternCompiler(text)
    program = compiler.compile()
  }
}

extension Pattern: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    self.init(text)
  }
}

extension Pattern: CustomStringConvertible {}

/// Patterns are equal when they were written alike, byte for byte: `String` would also call `é` equal to `e` with a
/// combining accent, which match different keys.
extension Pattern: Hashable {
  public static func == (left: Pattern, right: Pattern) -> Bool {
    left.description.utf8.elementsEqual(right.description.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in description.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }
}
