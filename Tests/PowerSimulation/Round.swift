import Foundation

/// The power failures of one recorded workload.
struct Round {
  let simulation: Simulation
  let workload: Workload
  private let trace: Trace
  private let promises: Promises
  private let disk: Disk
  private let judge: JudgeProcess
  private let left: [String: [UInt8]]
  private var chance: Chance
  private(set) var report = Simulation.Report()

  /// One image in so many goes on to a second power failure, of which there are as many images.
  private static let secondFailures = (oneIn: 10, images: 5)

  init(simulation: Simulation, workload: Workload) throws {
    self.simulation = simulation
    self.workload = workload
    trace = try Trace(workload.trace)
    promises = Promises(trace, workload.mode.terms)
    disk = Disk(trace, volatile: Workload.volatile)
    judge = JudgeProcess(driver: workload.driver, mode: workload.mode, seed: workload.seed, trace: workload.trace)
    left = workload.leftovers()
    chance = Chance(workload.seed, 2)
    report.rounds = 1
    report.records = trace.records.count
    report.syncs = trace.records.count { ($0.kind == .sync || $0.kind == .syncRange) && $0.isDone }
    report.acknowledged = promises.tickets.count
    report.kills = trace.records.count { $0.kind == .die }
  }

  mutating func judge(_ images: Int, until deadline: Date) throws {
    defer { judge.stop() }
    let place = workload.directory + "/image"
    var first = images
    // What second failures take is part of the number that was asked for.
    first -= images * Self.secondFailures.images / (Self.secondFailures.oneIn + Self.secondFailures.images)
    for ticket in Self.tickets(trace, promises, first, &chance) where deadline > .now {
      try disk.advance(to: ticket)
      let crash = CrashImage(disk, choice: chance.next(), left: left)
      try crash.write(to: place)
      report.images += 1
      let fault = try judge.judge(place, at: ticket)
      try FileManager.default.removeItem(atPath: place)
      if let fault {
        report.failures.append(try failure(ticket, crash, fault))
      } else if chance.once(in: Self.secondFailures.oneIn), report.images < images {
        try judgeSecond(crash, at: ticket, min(Self.secondFailures.images, images - report.images))
      }
    }
  }

  /// Lets a process go on with an image, and the power fail again meanwhile: what was recovered must be recovered again.
  private mutating func judgeSecond(_ crash: CrashImage, at ticket: UInt64, _ count: Int) throws {
    let directory = workload.directory + "/second"
    let manager = FileManager.default
    defer { try? manager.removeItem(atPath: directory) }
    try crash.write(to: directory + "/disk")
    let path = directory + "/trace"
    try Trace.create(path, capacity: 1 << 26)
    do {
      try Worker(
        workload.driver,
        ["succeed", directory + "/disk/store", workload.mode.rawValue, String(workload.seed)],
        ["LMKV_POWER_TRACE": path, "LMKV_POWER_ROOT": directory + "/disk"]
      ).finish()
    } catch let error as SimulationError {
      report.failures.append(try failure(ticket, crash, "then nobody could go on: \(error)"))
      return
    }
    try Trace.finish(path)
    let trace = try Trace(path)
    let promises = Promises(trace, workload.mode.terms)
    let disk = Disk(trace, volatile: Workload.volatile, base: crash)
    let place = directory + "/image"
    for second in (0..<count).map({ _ in 1 + chance.next() % trace.lastTicket }).sorted() {
      try disk.advance(to: second)
      let image = CrashImage(disk, choice: chance.next(), left: [:])
      try image.write(to: place)
      report.images += 1
      report.second += 1
      if let fault = try judge.judge(place, at: ticket, others: promises.acknowledged(at: second)) {
        var failure = try failure(ticket, crash, "then \(second) (\(image.manner)): \(fault)", isCorrupt: !fault.isLoss)
        let kept = "\(failure.trace).\(ticket).second"
        if !workload.mode.mayFail, !manager.fileExists(atPath: kept) {
          try manager.copyItem(atPath: path, toPath: kept)
        }
        failure.second = (kept, second, image.choice)
        report.failures.append(failure)
      }
      try manager.removeItem(atPath: place)
    }
  }

  private func failure(
    _ ticket: UInt64,
    _ crash: CrashImage,
    _ fault: String,
    isCorrupt: Bool? = nil
  ) throws -> Simulation.Failure {
    Simulation.Failure(
      mode: workload.mode,
      seed: workload.seed,
      ticket: ticket,
      choice: crash.choice,
      manner: crash.manner,
      fault: fault,
      isCorrupt: isCorrupt ?? !fault.isLoss,
      trace: try kept()
    )
  }

  /// Copies the trace to where it can be found, once; not where failures are what is wanted.
  private func kept() throws -> String {
    if workload.mode.mayFail { return workload.trace }
    let manager = FileManager.default
    let path = "\(simulation.keep)/\(workload.mode.rawValue)-\(workload.seed).trace"
    // The same seed can meet another workload, as processes take other turns.
    if report.failures.isEmpty { try? manager.removeItem(atPath: path) }
    guard !manager.fileExists(atPath: path) else { return path }
    try manager.createDirectory(atPath: simulation.keep, withIntermediateDirectories: true)
    try manager.copyItem(atPath: workload.trace, toPath: path)
    for (name, bytes) in left {
      let file = name.split(separator: "/").last ?? ""
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path).\(file)"))
    }
    return path
  }

  /// A third around the syncs, where something becomes durable; a third right after acknowledgements; the rest anywhere,
  /// some of them after a pause.
  private static func tickets(_ trace: Trace, _ promises: Promises, _ count: Int, _ chance: inout Chance) -> [UInt64] {
    let edges = trace.records.filter { $0.kind == .sync || $0.kind == .syncRange || $0.kind == .syncDirectory }
      .flatMap { $0.end == .max ? [$0.begin] : [$0.begin - 1, $0.begin, $0.end - 1, $0.end] }
    let acknowledged = promises.tickets
    let pauses = zip(trace.records, trace.records.dropFirst()).filter { $1.time > $0.time + 900_000_000 }.map(\.1.begin)
    return (0..<count).map { index in
      if index % 9 == 8, !pauses.isEmpty { return pauses[chance.below(pauses.count)] }
      return switch index % 3 {
      case 0 where !edges.isEmpty: edges[chance.below(edges.count)]
      case 1 where !acknowledged.isEmpty: acknowledged[chance.below(acknowledged.count)]
      default: 1 + chance.next() % trace.lastTicket
      }
    }.sorted()
  }
}

extension String {
  /// Whether a judge's finding is only that something is missing.
  fileprivate var isLoss: Bool { hasPrefix("lost:") }
}
