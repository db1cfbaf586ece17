public import Foundation

/// A workload, and the power failures that it might have met.
public struct Simulation: Sendable {
  /// An image in which something is wrong.
  public struct Failure: Sendable, CustomStringConvertible {
    public let mode: Workload.Mode
    public let seed: UInt64
    public let ticket: UInt64
    public let choice: UInt64
    public let manner: String
    public let fault: String
    /// Where the trace was kept.
    public let trace: String

    /// Whether it is not only that something is missing.
    public var isCorrupt: Bool { !fault.hasPrefix("lost:") }

    public var description: String {
      "\(mode.rawValue), power failure at \(ticket) (\(manner)): \(fault). Again: PowerDriver replay "
        + "--mode \(mode.rawValue) --seed \(seed) --trace \(trace) --ticket \(ticket) --choice \(choice)"
    }
  }

  public struct Report: Sendable {
    public var rounds = 0
    public var images = 0
    public var records = 0
    public var syncs = 0
    public var acknowledged = 0
    public var failures: [Failure] = []

    public init() {}

    public static func += (left: inout Report, right: Report) {
      left.rounds += right.rounds
      left.images += right.images
      left.records += right.records
      left.syncs += right.syncs
      left.acknowledged += right.acknowledged
      left.failures += right.failures
    }

    public var summary: String {
      "\(images) images of \(rounds) workloads (\(records) records, \(syncs) syncs, \(acknowledged) acknowledgements): "
        + "\(failures.count) failures, \(failures.filter(\.isCorrupt).count) of them corrupt"
    }
  }

  let driver: String
  let mode: Workload.Mode
  let slack: UInt64
  /// Where failing traces are kept.
  let keep: String

  /// - Parameters:
  ///   - slack: how late, in nanoseconds, a flush may be on a busy machine.
  ///   - keep: a directory for the traces of failures.
  public init(driver: String, mode: Workload.Mode, keep: String, slack: UInt64 = 1_000_000_000) {
    self.driver = driver
    self.mode = mode
    self.keep = keep
    self.slack = slack
  }

  /// Records one workload, and judges as many images of it.
  public func round(seed: UInt64, images: Int, until deadline: Date = .distantFuture) throws -> Report {
    let directory = Self.scratch()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let workload = Workload(driver: driver, mode: mode, seed: seed, directory: directory)
    try workload.run()
    let trace = try Trace(workload.trace)
    let promises = Promises(trace, mode.terms(slack: slack))
    let disk = Disk(trace, volatile: Workload.volatile)
    let judge = JudgeProcess(driver: driver, mode: mode, seed: seed, trace: workload.trace)
    defer { judge.stop() }
    let left = workload.leftovers()
    var chance = Chance(seed, 2)
    var report = Report()
    report.rounds = 1
    report.records = trace.records.count
    report.syncs = trace.records.count { $0.kind == .sync && $0.isDone || $0.kind == .syncRange && $0.isDone }
    report.acknowledged = promises.tickets.count
    let image = directory + "/image"
    for ticket in Self.tickets(trace, promises, images, &chance) where deadline > .now {
      try disk.advance(to: ticket)
      let crash = CrashImage(disk, choice: chance.next(), left: left)
      try crash.write(to: image)
      report.images += 1
      if let fault = try judge.judge(image, at: ticket) {
        report.failures.append(
          Failure(
            mode: mode,
            seed: seed,
            ticket: ticket,
            choice: crash.choice,
            manner: crash.manner,
            fault: fault,
            trace: try kept(workload, seed)
          )
        )
      }
      try FileManager.default.removeItem(atPath: image)
    }
    return report
  }

  /// Judges one image again, and leaves it in a directory for a closer look.
  public static func replay(
    driver: String,
    mode: Workload.Mode,
    seed: UInt64,
    trace path: String,
    ticket: UInt64,
    choice: UInt64,
    to image: String
  ) throws -> (manner: String, fault: String?) {
    let trace = try Trace(path)
    let disk = Disk(trace, volatile: Workload.volatile)
    try disk.advance(to: ticket)
    let crash = CrashImage(disk, choice: choice, left: leftovers(beside: path))
    try crash.write(to: image)
    // The judge goes on to write to what it is given.
    let copy = image + ".judged"
    try? FileManager.default.removeItem(atPath: copy)
    try crash.write(to: copy)
    let judge = JudgeProcess(driver: driver, mode: mode, seed: seed, trace: path)
    defer { judge.stop() }
    return (crash.manner, try judge.judge(copy, at: ticket))
  }

  private func kept(_ workload: Workload, _ seed: UInt64) throws -> String {
    let manager = FileManager.default
    let path = "\(keep)/\(mode.rawValue)-\(seed).trace"
    guard !manager.fileExists(atPath: path) else { return path }
    try manager.createDirectory(atPath: keep, withIntermediateDirectories: true)
    try manager.copyItem(atPath: workload.trace, toPath: path)
    for (name, bytes) in workload.leftovers() {
      let file = name.split(separator: "/").last ?? ""
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path).\(file)"))
    }
    return path
  }

  private static func leftovers(beside path: String) -> [String: [UInt8]] {
    var left: [String: [UInt8]] = [:]
    for name in Workload.volatile {
      if let data = FileManager.default.contents(atPath: "\(path).\(name)") { left["store/\(name)"] = Array(data) }
    }
    return left
  }

  /// A third around the syncs, where something becomes durable; a third right after acknowledgements; the rest anywhere.
  private static func tickets(_ trace: Trace, _ promises: Promises, _ count: Int, _ chance: inout Chance) -> [UInt64] {
    let edges = trace.records.filter { $0.kind == .sync || $0.kind == .syncRange || $0.kind == .syncDirectory }
      .flatMap { $0.end == .max ? [$0.begin] : [$0.begin - 1, $0.begin, $0.end - 1, $0.end] }
    let acknowledged = promises.tickets
    return (0..<count).map { index in
      switch index % 3 {
      case 0 where !edges.isEmpty: edges[chance.below(edges.count)]
      case 1 where !acknowledged.isEmpty: acknowledged[chance.below(acknowledged.count)]
      default: 1 + chance.next() % trace.lastTicket
      }
    }.sorted()
  }

  /// In memory where that is, since thousands of images pass.
  private static func scratch() -> String {
    let memory = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    return base + "/lmkv-power-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}
