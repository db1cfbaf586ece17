import Testing

@testable import LMKV

/// Redis itself judges what matches. `LMKV_SEED` replays a failure.
@Suite struct PatternOracleTests {
  @Test(.timeLimit(.minutes(1)))
  func `10,000 random patterns select the same random keys as in Redis`() async throws {
    try await withSeed { generator in
      try withRedisServer { redis in
        var matches = 0
        for _ in 0..<100 {
          matches += try compareBatch(with: redis, using: &generator)
        }
        #expect(matches > 30_000, "Patterns and keys that hardly ever match prove little")
      }
    }
  }

  /// Compares 100 patterns on 100 keys, and returns how many pairs match.
  private func compareBatch(with redis: RedisConnection, using generator: inout SeededGenerator) throws -> Int {
    let patterns = (0..<100).map { _ in randomPattern(using: &generator) }
    let keys = patterns.map { pattern in
      Bool.random(using: &generator) ? randomKey(like: pattern, using: &generator) : randomKey(using: &generator)
    }
    let store = [["FLUSHDB"], ["MSET"] + keys.flatMap { [$0, ""] }]
    let replies = try redis.send(store + patterns.map { ["KEYS", $0] })
    var matches = 0
    for (pattern, reply) in zip(patterns, replies.dropFirst(store.count)) {
      guard case .array(let selected) = reply else { throw RedisConnection.Failure(description: "KEYS gave \(reply)") }
      matches += compare(pattern, on: keys, with: Set(selected))
    }
    return matches
  }

  /// Compares one pattern on all keys, as it is and transliterated, and returns how many match.
  private func compare(_ text: String, on keys: [String], with selected: Set<RedisConnection.Reply>) -> Int {
    let pattern = Pattern(text)
    let foreign = Pattern(transliterate(text))
    var matches = 0
    for key in keys {
      let expected = selected.contains(.bulk(key))
      let foreignKey = transliterate(key)
      if expected { matches += 1 }
      if pattern.matches(key) != expected {
        Issue.record("Redis says \(expected) to \(text.debugDescription) on \(key.debugDescription)")
      }
      if foreign.matches(foreignKey) != expected {
        Issue.record(
          "It should be \(expected): \(foreign.description.debugDescription) on \(foreignKey.debugDescription)"
        )
      }
      if expected, !key.utf8.starts(with: pattern.literalPrefix) {
        Issue.record("\(key.debugDescription) matches \(text.debugDescription) without its prefix")
      }
    }
    return matches
  }
}
