/// What every contender does.
struct Workload: Codable, Sendable {
  let processes: Int
  /// Concurrent callers in each process.
  let callers: Int
  let form: CallForm
  let counters: Int
  let extent: Extent
  let durability: Durability

  /// Such as `full-8x1`.
  var name: String { "\(durability.rawValue)-\(processes)x\(callers)" }
}

/// How a caller calls.
enum CallForm: String, Codable, CaseIterable, Sendable {
  /// Each is a thread of its own, which waits.
  case blocking
  /// Each is a Swift task, which is suspended.
  case async

  /// What a program would use for so many callers in a process.
  static func usual(for callers: Int) -> CallForm { callers == 1 ? .blocking : .async }
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
