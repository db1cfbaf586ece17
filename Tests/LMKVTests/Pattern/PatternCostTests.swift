import Testing

@testable import LMKV

/// Patterns that take a matcher with several retry points longer than anyone lives.
@Suite(.timeLimit(.minutes(1))) struct PatternCostTests {
  @Test(arguments: ["a*", "*a", "?*", "*[ab]", "*a?a", "*aaaaaaab"])
  func `Many asterisks cost no more than pattern times key`(part: String) {
    let key = String(repeating: "a", count: 2_000)
    let pattern = Pattern(String(repeating: part, count: 50) + "*b*c")
    #expect(!pattern.matches(key + "c"))
  }

  @Test func `A thousand asterisks match a key that is just long enough`() {
    let pattern = Pattern(String(repeating: "*a", count: 1_000) + "*")
    #expect(pattern.matches(String(repeating: "ba", count: 1_000)))
    #expect(!pattern.matches(String(repeating: "a", count: 999) + "b"))
  }
}
