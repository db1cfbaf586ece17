import Testing

@testable import LMKV

@Suite struct PatternTests {
  /// Patterns with keys that they match and keys that they do not.
  static let cases: [(pattern: Pattern, matching: [String], other: [String])] = [
    ("user:user-*", ["user:user-", "user:user-001"], ["user:user", "user:group-001", "xuser:user-1"]),
    ("*-001", ["-001", "user:user-001", "-001-001"], ["user-0011", "001", "user-002"]),
    ("*:user-001", [":user-001", "a:b:user-001"], ["user-001", "a:user-0010"]),
    ("*", ["", "a", "a/b\nc"], []),
    ("**", ["", "a"], []),
    ("a*c", ["ac", "abc", "acc"], ["a", "c", "acb"]),
    ("*a*b*", ["ab", "xaxbx", "aab"], ["ba", "a", ""]),
    ("aba*aba", ["abaaba", "abaXaba"], ["aba", "ababa"]),
    ("?", ["a", "*", "\0"], ["", "ab"]),
    ("a?c", ["abc", "a?c"], ["ac", "abbc"]),
    ("??*", ["ab", "abc"], ["", "a"]),
    ("*?", ["a", "ab"], [""]),
    ("", [""], ["a"]),
    ("Abc", ["Abc"], ["abc", "ABC", "Abcd"]),
    // Classes.
    ("[abc]", ["a", "b", "c"], ["", "d", "ab", "[abc]"]),
    ("[a-c]x", ["ax", "bx", "cx"], ["dx", "-x", "x"]),
    ("[c-a]", ["a", "b", "c"], ["d", "-"]),
    ("[a-c-e]", ["a", "c", "-", "e"], ["d"]),
    ("[^a-c]", ["d", "^", "-"], ["a", "b", "c", "", "dd"]),
    ("[a^]", ["a", "^"], ["b"]),
    ("[^^]", ["a"], ["^"]),
    ("[!a]", ["!", "a"], ["b"]),
    ("[*?]", ["*", "?"], ["a", ""]),
    ("[[]", ["["], ["]", "a"]),
    ("[]", [], ["", "a", "]", "[]"]),
    ("[]a]", [], ["]", "a", "a]"]),
    ("[^]", ["a", "^", "]"], ["", "ab"]),
    ("]", ["]"], ["a"]),
    ("*[0-9]*[0-9]", ["12", "a1b2"], ["1", "a1b"]),
    // Hyphens: the end of a range is taken as it is, even a bracket, which then closes nothing.
    ("[-a]", ["-", "a"], ["b"]),
    ("[--a]", ["-", "a", "A"], ["b", ","]),
    ("[a-]", ["a", "]", "^", "_"], ["-", "b", "a]"]),
    ("[a-]x]", ["a", "]", "x"], ["-", "ax", "ax]"]),
    ("[a-", ["a", "-"], ["b", "[a-"]),
    // Classes that are never closed.
    ("[", [], ["", "[", "a"]),
    ("[^", ["a", "^", "["], ["", "ab"]),
    ("[ab", ["a", "b"], ["c", "[ab", "ab"]),
    ("[a-c", ["a", "b", "c"], ["-", "d"]),
    ("x[ab*", ["xa", "xb", "x*"], ["x", "xab"]),
    // Escapes.
    (#"\*"#, ["*"], ["a", #"\*"#, ""]),
    (#"a\?b\[c\]"#, ["a?b[c]"], ["axb[c]"]),
    (#"\a\\"#, [#"a\"#], ["a", #"\a\\"#]),
    (#"a\"#, [#"a\"#], ["a", #"a\\"#]),
    (#"*\"#, [#"\"#, #"a\"#], ["a", ""]),
    (#"[\]]"#, ["]"], [#"\"#, #"\]"#]),
    (#"[\^a]"#, ["^", "a"], [#"\"#, "b"]),
    (#"[a\-c]"#, ["a", "-", "c"], ["b", #"\"#]),
    (#"[\a-c]"#, ["a", "-", "c"], ["b", #"\"#]),
    (#"[a-\c]"#, ["a", #"\"#, "]", "c"], ["b", "-"]),
    (#"[a\"#, ["a", #"\"#], ["b"]),
    (#"[\"#, [#"\"#], ["["]),
  ]

  @Test(arguments: cases)
  func `A pattern matches what it says and nothing else`(
    pattern: Pattern,
    matching: [String],
    other: [String]
  ) {
    for key in matching { #expect(pattern.matches(key), "\(pattern) should match \(key.debugDescription)") }
    for key in other { #expect(!pattern.matches(key), "\(pattern) should not match \(key.debugDescription)") }
  }

  @Test func `Bytes and spans are matched like strings`() {
    let pattern: Pattern = "a[b-d]*é"
    for (key, expected) in [("abé", true), ("aé", false), ("axé", false), ("acccé", true), ("", false)] {
      let bytes = Array(key.utf8)
      #expect(bytes.withUnsafeBytes { pattern.matches($0) } == expected)
      #expect(pattern.matches(bytes.span.bytes) == expected)
      #expect(pattern.matches(key) == expected)
    }
    #expect(Pattern("*").matches(UnsafeRawBufferPointer(start: nil, count: 0)))
  }

  @Test func `Patterns are equal when written alike`() {
    #expect(Pattern("a*") == "a*")
    #expect(Pattern("a*") != "a**")
    #expect(Pattern("\u{E9}") != "e\u{301}")
    #expect(Set([Pattern("a"), Pattern("a"), Pattern(#"\a"#)]).count == 2)
    #expect(Pattern(#"[a-\c]*\"#).description == #"[a-\c]*\"#)
  }
}
