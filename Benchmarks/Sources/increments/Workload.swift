/// What every contender does.
struct Workload: Codable, Sendable {
  let processes: Int
  /// Threads or tasks in each process.
  let callers: Int
  let callerKind: CallerKind
  let counters: Int
  let extent: Extent
  let durability: Durability
}

enum CallerKind: String, Codable, Sendable {
  case thread
  case task
}

/// What is there after a commit has returned.
enum Durability: String, Codable, CaseIterable, Sendable {
  /// On disk.
  case full
  /// In the kernel: a killed process loses nothing, a power failure may lose the last commits.
  case relaxed
}

/// When a caller is done.
enum Extent: Codable, Sendable {
  case seconds(Double)
  case increments(Int)
}
