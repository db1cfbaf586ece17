import Foundation
import PowerSimulation

/// One workload on a recorded disk, and power cuts in it.
struct CutRound {
  /// One cut in so many is followed by as many others during recovery.
  private static let second = (oneIn: 8, cuts: 3)

  let driver: String
  let mode: Workload.Mode
  let fileSystem: FileSystem
  let seed: UInt64
  /// Where the disks are.
  let directory: String
  /// Where to keep what a failure can be replayed from.
  let keep: String

  /// Nothing befalls the processes but the cuts.
  private var circumstances: Circumstances { Circumstances(seed: seed, enabled: []) }

  private var terms: Promises.Terms {
    Promises.Terms(interval: mode == .relaxed ? UInt64(Workload.Mode.interval) * 1_000_000 : nil)
  }

  /// The boot ID after so many cuts: another one each time, or the same, as after the loss of the disk alone.
  private func boot(_ cuts: Int) -> String {
    getenv("LMKV_POWER_SAME_BOOT") == nil ? circumstances.boot(cuts) : circumstances.boot
  }

  private var log: String { directory + "/log" }
  private var image: String { directory + "/image" }
  private var file: String { directory + "/device" }

  func run(cuts: Int, until deadline: Date) throws -> CutReport {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (workload, base) = try record()
    let log = try DiskLog(log)
    let trace = try Trace(workload.trace)
    let promises = Promises(trace, terms)
    var report = CutReport()
    report.workloads = 1
    report.writes = log.writes.count
    report.flushes = log.flushes.count
    report.acknowledged = promises.tickets.count
    let judge = JudgeProcess(driver: driver, mode: mode, circumstances: circumstances, trace: workload.trace)
    defer { judge.stop() }
    var chance = Chance(seed, 3)
    let tickets = Self.tickets(trace, log, promises, cuts, &chance)
    while report.cuts < cuts, Date.now < deadline {
      let cut = Cut(ticket: tickets[report.cuts], choice: chance.next())
      try base.write(to: image)
      let manner = try cut.apply(log, fileSystem, to: image)
      report.cuts += 1
      report.checked += promises.required(at: cut.ticket)
      if let fault = try verdict(judge, at: cut.ticket) {
        report.failures.append(try failure([cut], manner, fault, base, workload))
      } else if chance.once(in: Self.second.oneIn) {
        let count = min(Self.second.cuts, cuts - report.cuts)
        report += try cutAgain(cut, log, base, workload, judge, &chance, count: count)
      }
    }
    return report
  }

  // MARK: The workload

  private func record() throws -> (Workload, SparseImage) {
    var chance = Chance(seed, 4)
    try fileSystem.create(image)
    let base = try SparseImage(image)
    try DiskLog.create(log)
    let workload = Workload(driver: driver, mode: mode, circumstances: circumstances, directory: directory)
    let recording = MountedDisk.Recording(
      log: log,
      trace: workload.trace,
      delay: [1, 200, 2_000][chance.below(3)],
      seed: chance.below(1 << 30)
    )
    let disk = try MountedDisk(image, fileSystem, at: workload.root, file: file, recording: recording)
    try disk.sync()
    let writeback = Writeback(workload.root, pause: [1_000, 5_000, 50_000][chance.below(3)], seed: chance.next())
    do {
      if chance.once(in: 2) {
        try Storm(
          driver: driver,
          mode: mode,
          circumstances: circumstances,
          root: workload.root,
          trace: workload.trace
        ).run()
      } else {
        try workload.run()
      }
    } catch {
      writeback.stop()
      throw error
    }
    writeback.stop()
    try disk.remove()
    try DiskLog.finish(log)
    return (workload, base)
  }

  /// A quarter around the flushes, where something becomes durable; a quarter right after acknowledgements; a quarter
  /// after a write; the rest anywhere, some of them after a pause.
  private static func tickets(
    _ trace: Trace,
    _ log: DiskLog,
    _ promises: Promises,
    _ count: Int,
    _ chance: inout Chance
  ) -> [UInt64] {
    let edges = log.flushes.flatMap { [$0.begin - 1, $0.begin, $0.end - 1, $0.end] }.filter { $0 > 0 && $0 < .max }
    let writes = log.writes.map(\.begin).filter { $0 > 0 }
    let acknowledged = promises.tickets
    let pauses = zip(trace.records, trace.records.dropFirst()).filter { $1.time > $0.time + 900_000_000 }.map(\.1.begin)
    return (0..<count).map { index in
      switch index % 4 {
      case 0 where !edges.isEmpty: UInt64(edges[chance.below(edges.count)])
      case 1 where !acknowledged.isEmpty: acknowledged[chance.below(acknowledged.count)]
      case 2 where !writes.isEmpty: UInt64(writes[chance.below(writes.count)])
      case 3 where index % 3 == 0 && !pauses.isEmpty: pauses[chance.below(pauses.count)]
      default: 1 + chance.next() % trace.lastTicket
      }
    }
  }

  // MARK: The cuts

  /// Mounts the image, which has the file system recover, and has the store judged. Nil when all is well.
  private func verdict(_ judge: JudgeProcess, at ticket: UInt64, others: Int = 0) throws -> String? {
    let disk: MountedDisk
    do {
      disk = try MountedDisk(image, fileSystem, at: directory + "/cut", file: file)
    } catch let error as CutError where !error.isForWantOfMeans {
      return "broken: the file system did not survive: \(error)"
    }
    var question = Question(directory: directory + "/cut", ticket: ticket, boot: boot(others == 0 ? 1 : 2))
    question.others = others
    let fault = try judge.judge(question).fault
    // A judge that found something may have files of it open.
    if fault != nil { judge.stop() }
    try disk.remove()
    return fault
  }

  /// Lets a process go on with a disk, and cuts the power again meanwhile: what was recovered must be recovered again.
  private func cutAgain(
    _ first: Cut,
    _ log: DiskLog,
    _ base: SparseImage,
    _ workload: Workload,
    _ judge: JudgeProcess,
    _ chance: inout Chance,
    count: Int
  ) throws -> CutReport {
    var report = CutReport()
    let (secondLog, secondTrace) = (directory + "/log2", directory + "/trace2")
    try base.write(to: image)
    let manner = try first.apply(log, fileSystem, to: image)
    try DiskLog.create(secondLog)
    try Trace.create(secondTrace, capacity: 1 << 26)
    let root = directory + "/cut"
    let disk = try MountedDisk(
      image,
      fileSystem,
      at: root,
      file: file,
      recording: .init(log: secondLog, trace: secondTrace, delay: 200, seed: chance.below(1 << 30))
    )
    do {
      try Worker(
        driver,
        ["succeed", root + "/store", mode.rawValue, String(seed)],
        ["LMKV_POWER_TRACE": secondTrace, "LMKV_POWER_ROOT": root, "LMKV_BOOT_ID": boot(1)]
      ).finish()
    } catch let error as SimulationError {
      try disk.remove()
      report.failures.append(try failure([first], manner, "then nobody could go on: \(error)", base, workload))
      return report
    }
    try disk.remove()
    try DiskLog.finish(secondLog)
    try Trace.finish(secondTrace)
    let again = try DiskLog(secondLog)
    let trace = try Trace(secondTrace)
    let promises = Promises(trace, terms)
    for _ in 0..<count {
      let second = Cut(ticket: 1 + chance.next() % trace.lastTicket, choice: chance.next())
      try base.write(to: image)
      _ = try first.apply(log, fileSystem, to: image)
      let manner = try second.apply(again, fileSystem, to: image)
      report.cuts += 1
      report.second += 1
      let others = promises.acknowledged(at: second.ticket)
      report.checked += others
      if let fault = try verdict(judge, at: first.ticket, others: others) {
        report.failures.append(try failure([first, second], manner, fault, base, workload))
      }
    }
    return report
  }

  // MARK: Failures

  private func failure(
    _ cuts: [Cut],
    _ manner: String,
    _ fault: String,
    _ base: SparseImage,
    _ workload: Workload
  ) throws -> CutFailure {
    CutFailure(
      mode: mode,
      fileSystem: fileSystem,
      seed: seed,
      cuts: cuts,
      manner: manner,
      fault: fault,
      kept: mode.mayFail ? directory : try kept(cuts, base, workload)
    )
  }

  /// Copies all that makes the disk again: once for the workload, and once for the recovery that was cut.
  private func kept(_ cuts: [Cut], _ base: SparseImage, _ workload: Workload) throws -> String {
    let manager = FileManager.default
    let place = "\(keep)/\(mode.rawValue)-\(fileSystem.rawValue)-\(seed)"
    // The same seed can meet another workload, as processes take other turns.
    func copy(_ name: String, as copied: String) throws {
      let (from, to) = (directory + "/" + name, place + "/" + copied)
      if manager.fileExists(atPath: to) {
        if manager.contentsEqual(atPath: from, andPath: to) { return }
        try manager.removeItem(atPath: to)
      }
      try manager.copyItem(atPath: from, toPath: to)
    }
    try manager.createDirectory(atPath: place, withIntermediateDirectories: true)
    try base.write(to: place + "/base")
    for name in ["log", "trace"] { try copy(name, as: name) }
    if cuts.count > 1 { for name in ["log2", "trace2"] { try copy(name, as: name + Self.suffix(cuts[0])) } }
    return place
  }

  private static func suffix(_ first: Cut) -> String { "-\(first.ticket)-\(first.choice)" }

  /// Makes a disk again from what was kept, and judges it. Leaves its image there as `image`.
  func replay(_ cuts: [Cut], from place: String) throws -> (manner: String, fault: String?) {
    let manager = FileManager.default
    try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: directory) }
    let base = try SparseImage(place + "/base")
    try base.write(to: image)
    var manner = try cuts[0].apply(DiskLog(place + "/log"), fileSystem, to: image)
    var others = 0
    if cuts.count > 1 {
      manner = try cuts[1].apply(DiskLog(place + "/log2" + Self.suffix(cuts[0])), fileSystem, to: image)
      let trace = try Trace(place + "/trace2" + Self.suffix(cuts[0]))
      others = Promises(trace, terms).acknowledged(at: cuts[1].ticket)
    }
    try SparseImage(image).write(to: place + "/image")
    let judge = JudgeProcess(driver: driver, mode: mode, circumstances: circumstances, trace: place + "/trace")
    defer { judge.stop() }
    return (manner, try verdict(judge, at: cuts[0].ticket, others: others))
  }
}
