import Foundation

/// A failure again: the same image, from its trace and its numbers.
public struct Replay {
  public let driver: String
  public let mode: Workload.Mode
  public let seed: UInt64
  public let trace: String
  public let ticket: UInt64
  public let choice: UInt64
  public var second: (trace: String, ticket: UInt64, choice: UInt64)?

  public init(
    driver: String,
    mode: Workload.Mode,
    seed: UInt64,
    trace: String,
    ticket: UInt64,
    choice: UInt64
  ) {
    self.driver = driver
    self.mode = mode
    self.seed = seed
    self.trace = trace
    self.ticket = ticket
    self.choice = choice
  }

  /// Leaves the image in a directory for a closer look, and says what is wrong with it.
  public func run(to directory: String) throws -> (manner: String, fault: String?) {
    let trace = try Trace(trace)
    let disk = Disk(trace, volatile: Workload.volatile)
    try disk.advance(to: ticket)
    var crash = CrashImage(disk, choice: choice, left: leftovers())
    var others = 0
    if let second {
      let trace = try Trace(second.trace)
      let disk = Disk(trace, volatile: Workload.volatile, base: crash)
      try disk.advance(to: second.ticket)
      crash = CrashImage(disk, choice: second.choice, left: [:])
      others = Promises(trace, mode.terms).acknowledged(at: second.ticket)
    }
    // The judge goes on to write to what it is given.
    let copy = directory + ".judged"
    for path in [directory, copy] {
      try? FileManager.default.removeItem(atPath: path)
      try crash.write(to: path)
    }
    let judge = JudgeProcess(driver: driver, mode: mode, seed: seed, trace: self.trace)
    defer { judge.stop() }
    return (crash.manner, try judge.judge(copy, at: ticket, others: others))
  }

  private func leftovers() -> [String: [UInt8]] {
    var left: [String: [UInt8]] = [:]
    for name in Workload.volatile {
      if let data = FileManager.default.contents(atPath: "\(trace).\(name)") { left["store/\(name)"] = Array(data) }
    }
    return left
  }
}
