import LMDB
import Testing

@testable import LMKV

@Suite struct PatternScanningTests {
  @Test(arguments: [
    ("user:user-*", "user:user-"), ("*-001", ""), ("a?b", "a"), ("ab[c]", "ab"), (#"a\*b*"#, "a*b"), (#"ab\"#, #"ab\"#),
    ("plain", "plain"), ("", ""), ("é*", "é"), ("[a]bc", ""), (#"\[x\]?"#, "[x]"), ("a]b*", "a]b"), ("^-*", "^-"),
  ])
  func `The prefix is what stands before the first metacharacter`(pattern: Pattern, prefix: String) {
    #expect(pattern.literalPrefix == Array(prefix.utf8))
  }

  @Test func `A pattern is literal when nothing in it is a metacharacter`() {
    for pattern: Pattern in ["", "user:1", #"a\*\?\[b"#, #"\"#, "]", "^-!"] { #expect(pattern.isLiteral) }
    for pattern: Pattern in ["*", "a*", "?", "[a]", "[", "a[", #"\\*"#] { #expect(!pattern.isLiteral) }
  }

  @Test func `Only asterisks match everything`() {
    for pattern: Pattern in ["*", "**", "***"] { #expect(pattern.matchesEverything) }
    for pattern: Pattern in ["", "?", "*?", "a*", "*a", #"\*"#, "[^]"] { #expect(!pattern.matchesEverything) }
  }

  @Test func `Nothing outside its key range matches a pattern`() async throws {
    try await withSeed { generator in
      for _ in 0..<2_000 {
        let text = randomPattern(using: &generator)
        let key = transliterate(randomKey(like: text, using: &generator))
        let pattern = Pattern(transliterate(text))
        guard pattern.matches(key) else { continue }
        let bytes = Array(key.utf8)
        #expect(!bytes.lexicographicallyPrecedes(pattern.literalPrefix))
        if let bound = KeyRange.successor(ofPrefix: pattern.literalPrefix) {
          #expect(bytes.lexicographicallyPrecedes(bound))
        }
        if pattern.isLiteral { #expect(bytes == pattern.literalPrefix) }
      }
    }
  }

  @Test(
    arguments: [
      ([0x61], [0x62]), ([0x61, 0xFF], [0x62]), ([0x61, 0xFF, 0xFF], [0x62]), ([0xFE], [0xFF]),
      ([0x61, 0x00], [0x61, 0x01]),
      ([0xFF, 0x00, 0xFF], [0xFF, 0x01]), ([], nil), ([0xFF], nil), ([0xFF, 0xFF], nil),
    ] as [([UInt8], [UInt8]?)]
  )
  func `The range of a prefix ends before the next prefix in byte order`(prefix: [UInt8], bound: [UInt8]?) {
    #expect(KeyRange.successor(ofPrefix: prefix) == bound)
  }
}
