import Foundation

/// The power failures of one recorded workload.
struct Round {
  let simulation: Simulation
  let workload: Workload
  private let trace: Trace
  private let promises: Promises
  private let disk: Disk
  private let judge: JudgeProcess
  private var scene: Scene
  private var chance: Chance
  private(set) var report = Simulation.Report()

  /// One image in so many goes on to a second power failure, of which there are as many images.
  private static let secondFailures = (oneIn: 10, images: 5)

  init(simulation: Simulation, workload: Workload, run: WorkloadRun) throws {
    self.simulation = simulation
    self.workload = workload
    trace = try Trace(workload.trace)
    promises = Promises(trace, workload.terms)
    disk = Disk(trace, volatile: Workload.volatile)
    judge = JudgeProcess(
      driver: workload.driver,
      mode: workload.mode,
      circumstances: workload.circumstances,
      trace: workload.trace
    )
    let needsOther = workload.mode.isStore && workload.circumstances.enabled.contains(.swaps)
    scene = Scene(
      workload: workload,
      other: needsOther ? try OtherStore(workload, in: workload.directory + "/other") : nil,
      left: workload.leftovers(),
      lastBoot: run.lastBoot
    )
    chance = Chance(workload.seed, 2)
    report.rounds = 1
    report.records = trace.records.count
    report.syncs = trace.records.count { ($0.kind == .sync || $0.kind == .syncRange) && $0.isDone }
    report.acknowledged = promises.tickets.count
    report.kills = trace.records.count { $0.kind == .die }
    report.coverage = Coverage(trace, workload.circumstances)
    for fault in run.faults {
      let failure = Simulation.Failure(
        mode: workload.mode,
        circumstances: workload.circumstances,
        ticket: trace.lastTicket,
        choice: 0,
        manner: "nobody failed but this process",
        fault: fault,
        isCorrupt: !fault.isLoss,
        trace: try kept()
      )
      report.failures.append(failure)
    }
  }

  mutating func judge(_ images: Int, until deadline: Date) throws {
    defer { judge.stop() }
    let place = workload.directory + "/image"
    var first = images
    // What second failures take is part of the number that was asked for.
    first -= images * Self.secondFailures.images / (Self.secondFailures.oneIn + Self.secondFailures.images)
    for ticket in Self.tickets(trace, promises, first, &chance) where deadline > .now && !isDone {
      try disk.advance(to: ticket)
      var set = scene.set(disk, at: ticket, choice: chance.next(), in: place)
      try scene.play(&set)
      // A call that failed may have cost what no sync had reached.
      if workload.circumstances.mayFail { set.question.isEverythingThere = false }
      report.images += 1
      if let event = set.aftermath.event { report.coverage.note("event \(event.rawValue)") }
      let answer = try judge.judge(set.question)
      try FileManager.default.removeItem(atPath: place)
      for note in answer.notes { report.coverage.note("said: \(note)") }
      if let fault = answer.fault, !isRightlyRefused(fault, set.question) {
        report.failures.append(try failure(ticket, set, fault))
      } else if answer.fault == nil, set.aftermath.event == nil, chance.once(in: Self.secondFailures.oneIn),
        report.images < images
      {
        try judgeSecond(set.image, set, at: ticket, min(Self.secondFailures.images, images - report.images))
      }
      if workload.circumstances.enabled.contains(.swaps), chance.once(in: 3) {
        scene.older = (ticket, Scene.everything(of: disk, scene.left))
      }
    }
  }

  private var isDone: Bool {
    report.failures.contains { $0.has(simulation.stopsAt) }
  }

  private mutating func isRightlyRefused(_ fault: String, _ question: Question) -> Bool {
    // What contradicts itself is refused as that, and not for just any reason.
    guard FaultKind(fault) == .refused, let words = question.refusals.first(where: { fault.contains($0) }) else {
      return false
    }
    report.coverage.note("refused: \(words)")
    return true
  }

  /// Lets a process go on with an image, and the power fail again meanwhile: what was recovered must be recovered again.
  private mutating func judgeSecond(_ crash: CrashImage, _ set: Scene.Set, at ticket: UInt64, _ count: Int) throws {
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
        [
          "LMKV_POWER_TRACE": path, "LMKV_POWER_ROOT": directory + "/disk", "LMKV_BOOT_ID": set.question.boot,
          Circumstances.variable: workload.circumstances.enabled.map(\.rawValue).joined(separator: ","),
        ]
      ).finish()
    } catch let error as SimulationError {
      report.failures.append(try failure(ticket, set, "unopened: then nobody could go on: \(error)"))
      return
    }
    try Trace.finish(path)
    let trace = try Trace(path)
    let promises = Promises(trace, workload.terms)
    let disk = Disk(trace, volatile: Workload.volatile, base: crash)
    let place = directory + "/image"
    for second in (0..<count).map({ _ in 1 + chance.next() % trace.lastTicket }).sorted() {
      try disk.advance(to: second)
      let image = CrashImage(disk, choice: chance.next(), left: [:])
      try image.write(to: place)
      report.images += 1
      report.second += 1
      var question = set.question
      question.directory = place
      question.others = promises.acknowledged(at: second)
      question.boot = workload.circumstances.boot(Int(image.choice >> 40) + 1_000)
      let answer = try judge.judge(question)
      for note in answer.notes { report.coverage.note("said: \(note)") }
      if let fault = answer.fault, !isRightlyRefused(fault, question) {
        var failure = try failure(ticket, set, fault, after: "then at \(second): \(image.manner)")
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
    _ set: Scene.Set,
    _ fault: String,
    after: String? = nil
  ) throws -> Simulation.Failure {
    var failure = Simulation.Failure(
      mode: workload.mode,
      circumstances: workload.circumstances,
      ticket: ticket,
      choice: set.image.choice,
      manner: set.manner + (after.map { ", \($0)" } ?? ""),
      fault: fault,
      isCorrupt: !fault.isLoss,
      trace: try kept()
    )
    if set.aftermath.event == .swaps { failure.older = scene.older?.ticket }
    failure.lastBoot = scene.lastBoot
    return failure
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
    for (name, bytes) in scene.left {
      let file = name.split(separator: "/").last ?? ""
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path).\(file)"))
    }
    return path
  }

  /// A third around the syncs, where something becomes durable; a third right after acknowledgements; the rest anywhere,
  /// some of them after a pause, or soon after somebody has closed the store.
  private static func tickets(_ trace: Trace, _ promises: Promises, _ count: Int, _ chance: inout Chance) -> [UInt64] {
    let edges = trace.records.filter { $0.kind == .sync || $0.kind == .syncRange || $0.kind == .syncDirectory }
      .flatMap { $0.end == .max ? [$0.begin] : [$0.begin - 1, $0.begin, $0.end - 1, $0.end] }
    let acknowledged = promises.tickets
    let closings = promises.closings
    let pauses = zip(trace.records, trace.records.dropFirst()).filter { $1.time > $0.time + 900_000_000 }.map(\.1.begin)
    return (0..<count).map { index in
      if index % 9 == 8, !pauses.isEmpty { return pauses[chance.below(pauses.count)] }
      // What others were in the middle of when a process closed the store.
      if index % 9 == 7, !closings.isEmpty {
        return min(closings[chance.below(closings.count)] + UInt64(chance.below(40)), trace.lastTicket)
      }
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
