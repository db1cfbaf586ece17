import Foundation
import Testing

/// A random number generator that gives the same numbers for the same seed, on every machine (SplitMix64).
///
/// What is derived from it by the standard library (`Int.random`, `shuffled`) is the same for one version of Swift.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A generator whose numbers have nothing to do with this one's, for a task or process of its own.
  mutating func split() -> SeededGenerator {
    SeededGenerator(seed: next())
  }
}

/// Runs a randomized body with the seed in `LMKV_SEED`, or a random one, and names the seed in every failure.
///
/// ```swift
/// try await withSeed { generator in
///   let key = String(Int.random(in: 0..<100, using: &generator))
/// }
/// ```
///
/// Each issue that the body records carries the line that replays it; an error that it throws is rethrown after an
/// issue that does.
func withSeed(_ body: @escaping @Sendable (inout SeededGenerator) async throws -> Void) async throws {
  let given = ProcessInfo.processInfo.environment["LMKV_SEED"]
  let seed = try given.map { try #require(UInt64($0), "LMKV_SEED is no whole number") } ?? .random(in: .min ... .max)
  let replay: Comment = "LMKV_SEED=\(seed) replays this"
  let naming = IssueHandlingTrait.compactMapIssues { issue in
    var issue = issue
    issue.comments.append(replay)
    return issue
  }
  let test = try #require(Test.current, "withSeed runs inside a test")
  try await naming.provideScope(for: test, testCase: Test.Case.current) {
    var generator = SeededGenerator(seed: seed)
    do {
      try await body(&generator)
    } catch  where !Task.isCancelled {
      // A cancelled task is how a skipped test looks from in here. Any other error is a failure without a comment.
      Issue.record("The body threw \(error)")
      throw error
    }
  }
}
