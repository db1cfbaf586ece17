import FormatCheck
import Foundation
import LMKV
import PowerSimulation
import TestSupport

extension Scenario {
  /// A disk that is full for a while, on a small file system of its own.
  func fullDisk(_ stage: Stage, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    let disk = stage.directory + "/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    let sizes = [
      300 + chance.below(700), 1_000 + chance.below(4_000), 6_000 + chance.below(6_000), 16_000 + chance.below(24_000),
    ]
    for kibibytes in sizes {
      guard mount("tmpfs", disk, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
        outcome.notes.append("skipped: no file system can be mounted (errno \(errno))")
        return
      }
      defer { umount2(disk, Int32(MNT_DETACH)) }
      let round = try Stage(stage.directory + "/\(kibibytes)")
      let store = disk + "/store"
      // Room that there is again later.
      let ballast = disk + "/ballast"
      try Data(count: kibibytes << 8).write(to: URL(fileURLWithPath: ballast))
      try fill(round, store, limit: { _ in 0 }, &chance)
      try FileManager.default.removeItem(atPath: ballast)
      // What was too small for a store at all may be nothing but an attempt.
      if kibibytes > 5_000 {
        try round.judge("counter", store: store)
      } else {
        _ = try round.run(["check", "counter", store, round.directory + "/journal"])
      }
      add(round, to: stage, &outcome)
      guard round.faults.isEmpty else { return }
    }
  }

  /// Processes that may not write files beyond a size, beside others that may.
  func limitedFiles(_ stage: Stage, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    for _ in 0..<3 {
      let round = try Stage(stage.directory + "/\(chance.below(1_000_000))")
      try prepareCounters(round.store)
      let limits: [UInt64] = [0, 1 << 16, 1 << 18, 1 << 20, 2 << 20, 4 << 20, 12 << 20]
      if try round.run(["unlogged", round.store]) != 0 { round.fail(round.words) }
      try fill(round, round.store, limit: { limits[$0 % limits.count] }, &chance)
      try round.judge("counter")
      add(round, to: stage, &outcome)
      guard round.faults.isEmpty else { return }
    }
  }

  /// Seven processes write until nothing goes in any more; some are killed meanwhile.
  private func fill(_ stage: Stage, _ store: String, limit: (Int) -> UInt64, _ chance: inout Chance) throws {
    let journal = stage.directory + "/journal"
    var children = try (0..<7).map { index in
      try Child(["fill", store, journal, "\(index + 1)", "\(limit(index))"], output: stage.directory + "/output")
    }
    for index in [2, 5] {
      usleep(UInt32(chance.below(300_000)))
      if children[index].kill() { stage.count(kills: 1) }
    }
    let end = Moment.seconds + 2
    for index in children.indices {
      if children[index].wait(seconds: max(0.1, end - Moment.seconds)) == nil { stage.journal.isOver = true }
      guard let status = children[index].wait(patience: 30, progress: { stage.journal.count }) else {
        stage.fail("a process does not end on a full disk. \(children[index].whereabouts)")
        children[index].kill()
        continue
      }
      if status != 0, status != -SIGKILL { stage.fail("a process ended with \(status): \(stage.words)") }
      // Not `ended`: what failed after its commit may be there.
    }
  }

  private func add(_ round: Stage, to stage: Stage, _ outcome: inout Outcome) {
    outcome.operations += History(round.journal).doneCount
    stage.count(kills: round.kills)
    for fault in round.faults { stage.fail(fault) }
  }

  /// A store whose writer was killed, on a medium that cannot be written.
  func readOnly(_ stage: Stage, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    let medium = stage.directory + "/medium"
    let view = stage.directory + "/view"
    for directory in [medium, view] {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    try prepareCounters(medium + "/store")
    for runUp in [0, 40] {
      stage.journal.signal = 0
      var child = try Child(
        ["hold", medium + "/store", stage.directory + "/journal", "\(runUp)"],
        output: stage.directory + "/output"
      )
      while stage.journal.signal == 0, child.poll() == nil { usleep(200) }
      if child.kill() { stage.count(kills: 1) }
      guard try look(stage, medium, view, ["\(runUp)", "as it was left"], &outcome) else { return }
      // What needs recovery gets it where it can be written, and is read whole then.
      try Store(path: medium + "/store").close()
      guard try look(stage, medium, view, ["\(runUp)"], &outcome) else { return }
    }
    if try stage.run(["check", "counter", medium + "/store", stage.directory + "/journal"]) != 0 {
      stage.fail(stage.words)
    }
  }

  /// Looks at the store through a mount that is read-only. False where nothing can be mounted.
  private func look(
    _ stage: Stage,
    _ medium: String,
    _ view: String,
    _ arguments: [String],
    _ outcome: inout Outcome
  ) throws -> Bool {
    guard mount(medium, view, nil, UInt(MS_BIND), nil) == 0 else {
      outcome.notes.append("skipped: nothing can be mounted (errno \(errno))")
      return false
    }
    defer { umount2(view, Int32(MNT_DETACH)) }
    let flags = UInt(MS_BIND | MS_REMOUNT | MS_RDONLY)
    guard mount(nil, view, nil, flags, nil) == 0 else { throw Fault("mount read-only: errno \(errno)") }
    let status = try stage.run(["look", view + "/store"] + arguments)
    if status != 0 { stage.fail("read-only, \(arguments): status \(status ?? 0): \(stage.words)") }
    outcome.operations += 1
    outcome.notes.append(stage.words.split(separator: "\n").last.map(String.init) ?? "")
    return true
  }

  func forking(_ stage: Stage, _ outcome: inout Outcome) throws {
    let status = try stage.run(["fork", stage.store, stage.directory + "/journal"], patience: 120)
    if status != 0 { stage.fail("status \(status ?? 0): \(stage.words)") }
    outcome.operations = Int(stage.journal.signal)
    try stage.judgePages(stage.store)
  }

  /// Clocks that say anything: what does not expire stays, and waiting ends.
  func clock(_ stage: Stage, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    if try stage.run(["waits", stage.directory + "/waits"]) != 0 { return stage.fail(stage.words) }
    try prepareCounters(stage.store)
    let journal = stage.directory + "/journal"
    var children = try (1...6).map {
      try Child(["count", stage.store, journal, "\($0)", "150", "jumps"], output: stage.directory + "/output")
    }
    for index in children.indices {
      let status = children[index].wait(patience: 60) { stage.journal.count }
      if status == 0 { stage.journal.note(.ended, UInt64(index + 1)) }
      if status != 0 { stage.fail("with jumping clocks: status \(status ?? 0): \(stage.words)") }
      children[index].kill()
    }
    var holder = try Child(["hold", stage.store, journal, "0"], output: stage.directory + "/output")
    while stage.journal.signal == 0, holder.poll() == nil { usleep(200) }
    var configuration = Store.Configuration()
    configuration.clock = StoreClock { .random(in: -4_000_000_000_000...8_000_000_000_000) }
    let store = try Store(path: stage.store, configuration: configuration)
    do {
      try store.transaction(timeout: .milliseconds(50)) { _ in }
      stage.fail("a transaction began while another one was running")
    } catch let error as LMKVError where error.code == .timedOut {}
    if holder.kill() { stage.count(kills: 1) }
    try store.transaction(timeout: .seconds(20)) { tx in _ = try tx.scope("verbs", of: Int.self).increment("after") }
    try store.close()
    // Entries that expire in far futures may be left, and what has no expiry is there.
    let open = try Store(path: stage.store)
    try open.scope("fleeting").clear()
    try open.close()
    try stage.judge("counter")
    outcome.operations = History(stage.journal).doneCount
  }

  /// The control page as of another version, while a living process has it.
  func versions(_ stage: Stage, _ outcome: inout Outcome) throws {
    let control = stage.store + "/control"
    for isKilled in [false, true] {
      stage.journal.isOver = false
      stage.journal.signal = 0
      var child = try Child(["serve", stage.store, stage.directory + "/journal"], output: stage.directory + "/output")
      while stage.journal.signal == 0, child.poll() == nil { usleep(200) }
      let original = try change(control) { $0 ^= 1 }
      do {
        try Store(path: stage.store).close()
        stage.fail("a store whose control page has another version was opened")
      } catch let error as LMKVError {
        let isClear = error.message.contains("version") && error.message.contains(stage.store)
        if !isClear || error.code != .busy { stage.fail("another version is told as \(error.code): \(error.message)") }
        outcome.notes.append("another version is told as: \(error.message.replacing(stage.store, with: "STORE"))")
      }
      let before = stage.journal.signal
      var patience = Patience(20)
      while stage.journal.signal <= before, !patience.isOver() { usleep(1_000) }
      if stage.journal.signal <= before { stage.fail("who has the page of another version does not go on") }
      if isKilled {
        child.kill()
        stage.count(kills: 1)
      } else {
        stage.journal.isOver = true
        let status = child.wait(patience: 20)
        if status != 0 { stage.fail("who has the page ended with \(status ?? 0): \(stage.words)") }
      }
      let store = try Store(path: stage.store)
      let value = try store.scope("counters", of: Int.self).increment("served")
      if value <= Int(before) { stage.fail("lost: \(value) after \(before)") }
      if try change(control, { _ in }) != original { stage.fail("the control page was not made anew") }
      try store.close()
      outcome.operations += value
    }
    try Soundness.check(stage.store, .init())
  }

  /// The version in a control page, before it is changed.
  private func change(_ path: String, _ body: (inout UInt32) -> Void) throws -> UInt32 {
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    var version: UInt32 = 0
    guard pread(descriptor, &version, 4, 8) == 4 else { throw Fault("read \(path): errno \(errno)") }
    let original = version
    body(&version)
    guard pwrite(descriptor, &version, 4, 8) == 4 else { throw Fault("write \(path): errno \(errno)") }
    return original
  }
}
