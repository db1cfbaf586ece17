public import Foundation

/// A workload, and the power failures that it might have met.
public struct Simulation: Sendable {
  /// An image in which something is wrong.
  public struct Failure: Sendable, CustomStringConvertible {
    public let mode: Workload.Mode
    public let circumstances: Circumstances
    public let ticket: UInt64
    public let choice: UInt64
    public let manner: String
    public let fault: String
    /// Whether it is not only that something is missing.
    public let isCorrupt: Bool
    public var kind: FaultKind { FaultKind(fault) }
    /// Where the trace was kept.
    public let trace: String
    /// Of a second power failure, during what followed the first.
    public var second: (trace: String, ticket: UInt64, choice: UInt64)?
    /// The moment of an older state whose files were put back.
    public var older: UInt64?
    var lastBoot: String?

    private static func list(_ events: Set<Event>) -> String {
      events.isEmpty ? "none" : events.map(\.rawValue).sorted().joined(separator: ",")
    }

    public func has(_ words: [String]) -> Bool { words.contains { description.contains($0) } }

    public var description: String {
      "\(kind.rawValue.uppercased()): \(fault). In mode \(mode.rawValue), with \(Self.list(circumstances.met)), "
        + "failure at \(ticket) (\(manner)). Again: PowerDriver replay "
        + "--mode \(mode.rawValue) --events \(Self.list(circumstances.enabled)) --seed \(circumstances.seed)"
        + (older.map { " --older \($0)" } ?? "") + (lastBoot.map { " --boot \($0)" } ?? "")
        + " --trace \(trace) --ticket \(ticket) --choice \(choice)"
        + (second.map { " --trace2 \($0.trace) --ticket2 \($0.ticket) --choice2 \($0.choice)" } ?? "")
    }
  }

  public struct Report: Sendable {
    public var rounds = 0
    public var images = 0
    public var records = 0
    public var syncs = 0
    public var acknowledged = 0
    public var kills = 0
    /// How many of the images are of a second power failure.
    public var second = 0
    public var failures: [Failure] = []
    public var coverage = Coverage()

    public init() {}

    public static func += (left: inout Report, right: Report) {
      left.rounds += right.rounds
      left.images += right.images
      left.records += right.records
      left.syncs += right.syncs
      left.acknowledged += right.acknowledged
      left.kills += right.kills
      left.second += right.second
      left.failures += right.failures
      left.coverage += right.coverage
    }

    public var summary: String {
      "\(images) images (\(second) of a second failure) of \(rounds) workloads (\(records) records, \(syncs) syncs, "
        + "\(acknowledged) acknowledgements, \(kills) kills): "
        + "\(failures.count) failures, \(failures.filter(\.isCorrupt).count) of them corrupt"
    }
  }

  let driver: String
  let mode: Workload.Mode
  let events: Set<Event>
  /// Nothing more is judged of a workload after a failure whose description has one of these.
  public var stopsAt: [String] = []
  /// Where failing traces are kept.
  let keep: String

  /// - Parameter keep: a directory for the traces of failures.
  public init(driver: String, mode: Workload.Mode, events: Set<Event> = [], keep: String) {
    self.driver = driver
    self.mode = mode
    self.events = mode.isStore ? events : []
    self.keep = keep
  }

  /// Records one workload, and judges as many images of it.
  public func round(seed: UInt64, images: Int, until deadline: Date = .distantFuture) throws -> Report {
    let directory = Self.scratch()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let workload = Workload(
      driver: driver,
      mode: mode,
      circumstances: Circumstances(seed: seed, enabled: events),
      directory: directory
    )
    var run = WorkloadRun(workload)
    try run.run()
    var round = try Round(simulation: self, workload: workload, run: run)
    try round.judge(images, until: deadline)
    return round.report
  }

  /// In memory where that is, since thousands of images pass.
  private static func scratch() -> String {
    let memory = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    return base + "/lmkv-power-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}
