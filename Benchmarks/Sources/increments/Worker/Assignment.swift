import Harness

/// What a worker process shall do.
struct Assignment: Codable, Sendable {
  let contender: String
  let directory: String
  let workload: Workload
  let job: Job

  enum Job: Codable, Sendable {
    /// Make the store and its counters.
    case prepare
    /// Increment, with the other processes; the process's number makes its choice of counters its own.
    case increment(process: Int)
    /// Sum the counters up.
    case sum
  }
}

/// What a worker process has done.
enum Outcome: Codable, Sendable {
  case prepared
  case incremented(CallReport)
  case sum(Int)
}

/// What one caller, or all of a process, did.
struct CallReport: Codable, Sendable {
  /// Increments that returned.
  var acknowledged = 0
  /// Those of them that returned before the time was up.
  var inTime = 0
  /// When the last one returned.
  var end: UInt64 = 0
  var waits = LatencyHistogram()

  mutating func merge(_ other: CallReport) {
    acknowledged += other.acknowledged
    inTime += other.inTime
    end = max(end, other.end)
    waits.merge(other.waits)
  }
}
