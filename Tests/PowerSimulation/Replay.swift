import Foundation

/// A failure again: the same image, from its trace and its numbers.
public struct Replay {
  public let driver: String
  public let mode: Workload.Mode
  public let circumstances: Circumstances
  public let trace: String
  public let ticket: UInt64
  public let choice: UInt64
  public var older: UInt64?
  public var lastBoot: String?
  public var second: (trace: String, ticket: UInt64, choice: UInt64)?

  public init(
    driver: String,
    mode: Workload.Mode,
    circumstances: Circumstances,
    trace: String,
    ticket: UInt64,
    choice: UInt64
  ) {
    self.driver = driver
    self.mode = mode
    self.circumstances = circumstances
    self.trace = trace
    self.ticket = ticket
    self.choice = choice
  }

  /// Leaves the image in a directory for a closer look, and says what is wrong with it.
  public func run(to directory: String) throws -> (manner: String, fault: String?) {
    let trace = try Trace(trace)
    let workload = Workload(driver: driver, mode: mode, circumstances: circumstances, directory: directory + ".work")
    let disk = Disk(trace, volatile: Workload.volatile)
    var scene = Scene(
      workload: workload,
      other: circumstances.enabled.contains(.swaps) ? try OtherStore(workload, in: directory + ".other") : nil,
      left: leftovers(),
      lastBoot: lastBoot ?? circumstances.boot
    )
    if let older {
      try disk.advance(to: older)
      scene.older = (older, Scene.everything(of: disk, scene.left))
    }
    try disk.advance(to: ticket)
    // The judge goes on to write to what it is given.
    let copy = directory + ".judged"
    for path in [directory, copy] { try? FileManager.default.removeItem(atPath: path) }
    var set = scene.set(disk, at: ticket, choice: choice, in: copy)
    var crash = set.image
    if let second {
      let trace = try Trace(second.trace)
      let disk = Disk(trace, volatile: Workload.volatile, base: crash)
      try disk.advance(to: second.ticket)
      crash = CrashImage(disk, choice: second.choice, left: [:])
      set.question.others = Promises(trace, workload.terms).acknowledged(at: second.ticket)
      set.question.boot = circumstances.boot(Int(crash.choice >> 40) + 1_000)
      try crash.write(to: copy)
    } else {
      try scene.play(&set)
    }
    try crash.write(to: directory)
    let judge = JudgeProcess(driver: driver, mode: mode, circumstances: circumstances, trace: self.trace)
    defer { judge.stop() }
    return (set.manner + ", " + crash.manner, try judge.judge(set.question).fault)
  }

  private func leftovers() -> [String: [UInt8]] {
    var left: [String: [UInt8]] = [:]
    for name in Workload.volatile {
      if let data = FileManager.default.contents(atPath: "\(trace).\(name)") { left["store/\(name)"] = Array(data) }
    }
    return left
  }
}
