import LMKV

func visit(_ counters: Scope<Int>) async throws -> Int {
  try await counters.async.increment("visits")
}
