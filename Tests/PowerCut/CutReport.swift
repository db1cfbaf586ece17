import PowerSimulation

/// A disk after a power cut with something in it that is not as it must be.
struct CutFailure {
  let mode: Workload.Mode
  let fileSystem: FileSystem
  let seed: UInt64
  let cuts: [Cut]
  let manner: String
  let fault: String
  /// Where the disk's log and the trace were kept.
  let kept: String

  /// Whether it is not only that something is missing.
  var isCorrupt: Bool { !fault.hasPrefix("lost:") }

  var short: String {
    let tickets = cuts.map { String($0.ticket) }.joined(separator: ", ")
    return "\(mode.rawValue) on \(fileSystem.rawValue), power cut at \(tickets) (\(manner)): \(fault)"
  }

  /// With the command that makes it again.
  var description: String {
    let again = cuts.map { " --ticket \($0.ticket) --choice \($0.choice)" }.joined()
    return "\(short). Again: PowerCut replay --mode \(mode.rawValue) --fs \(fileSystem.rawValue) --seed \(seed) "
      + "--from \(kept)\(again)"
  }
}

/// What came of cuts.
struct CutReport {
  var workloads = 0
  var cuts = 0
  /// How many of the cuts came while somebody recovered from another.
  var second = 0
  var writes = 0
  var flushes = 0
  /// The transactions that were acknowledged in all workloads.
  var acknowledged = 0
  /// The transactions that had to be there, of each cut anew.
  var checked = 0
  var failures: [CutFailure] = []

  static func += (left: inout CutReport, right: CutReport) {
    left.workloads += right.workloads
    left.cuts += right.cuts
    left.second += right.second
    left.writes += right.writes
    left.flushes += right.flushes
    left.acknowledged += right.acknowledged
    left.checked += right.checked
    left.failures += right.failures
  }

  var summary: String {
    "\(cuts) cuts (\(second) during recovery) of \(workloads) workloads (\(acknowledged) acknowledged transactions, "
      + "\(writes) writes and \(flushes) flushes of the disk), \(checked) checks for an acknowledged transaction: "
      + "\(failures.count) failures, \(failures.count(where: \.isCorrupt)) of them corrupt"
  }
}

extension Workload.Mode {
  /// What is not as it must be, in words. Some modes are there to show that faults are found.
  func complaint(about failures: [CutFailure]) -> String? {
    switch self {
    case .full, .relaxed, .engine: failures.isEmpty ? nil : "what was promised is not there"
    case .lazy:
      failures.contains { $0.isCorrupt }
        ? "was found to corrupt, which it does not" : failures.isEmpty ? "no loss was found; more cuts may" : nil
    case .unsafe:
      failures.contains { $0.isCorrupt } && failures.contains { !$0.isCorrupt }
        ? nil : "losses and corruption were not both found; more cuts may"
    }
  }
}
