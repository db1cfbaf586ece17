import Testing

@testable import LMKV

@Suite struct PatternUnicodeTests {
  @Test(arguments: ["a", "ü", "€", "\u{1F600}", "\u{10FFFF}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}"])
  func `A question mark and a class stand for one scalar of any length`(scalar: String) {
    #expect(Pattern("?").matches(scalar))
    #expect(Pattern("x?z").matches("x\(scalar)z"))
    #expect(!Pattern("??").matches(scalar))
    #expect(Pattern("*?").matches(scalar))
    #expect(Pattern("[\(scalar)]").matches(scalar))
    #expect(!Pattern("[^\(scalar)]").matches(scalar))
    #expect(Pattern("[^x]*").matches("\(scalar)x"))
    #expect(Pattern("*\(scalar)*").matches("x\(scalar)x"))
    #expect(Pattern("\\\(scalar)").matches(scalar))
  }

  @Test func `A range goes by scalar value across the lengths of their encodings`() {
    let pattern: Pattern = "[x-€]"
    for key in ["x", "z", "\u{7F}", "\u{80}", "ü", "€"] { #expect(pattern.matches(key)) }
    for key in ["w", "\u{20AD}", "\u{1F600}", "xx"] { #expect(!pattern.matches(key)) }
    #expect(Pattern("[\u{1F610}-\u{1F600}]").matches("\u{1F605}"))
  }

  @Test func `Combining characters count by themselves`() {
    #expect(Pattern("?").matches("\u{E9}"))
    #expect(!Pattern("?").matches("e\u{301}"))
    #expect(Pattern("??").matches("e\u{301}"))
    #expect(!Pattern("\u{E9}").matches("e\u{301}"))
  }

  /// Overlong forms, surrogates, beyond Unicode, a lone continuation byte, a lone lead byte, and bytes that never occur.
  @Test(
    arguments: [
      [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0x80], [0xE2], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xFF], [0xFE, 0xF5],
    ] as [[UInt8]]
  )
  func `Bytes that are not UTF-8 count as one character each`(bytes: [UInt8]) {
    func matches(_ pattern: String, _ key: [UInt8]) -> Bool { Pattern(pattern).matches(key.span.bytes) }
    let questions = String(repeating: "?", count: bytes.count)
    #expect(matches(questions, bytes))
    #expect(matches("x\(questions)y", [0x78] + bytes + [0x79]))
    #expect(!matches(questions + "?", bytes))
    #expect(!matches(String(questions.dropFirst()), bytes))
    #expect(matches(String(repeating: "[^a]", count: bytes.count), bytes))
    #expect(!matches(String(repeating: "[\u{0}-\u{10FFFF}]", count: bytes.count), bytes))
    #expect(matches("*y*", bytes + [0x79]))
    #expect(matches("*", bytes))
  }
}
