import Foundation
import LMKV
import PowerSimulation

/// What is done to stores.
enum Scenario: String, CaseIterable {
  /// Processes that are killed while they write, read, open, sweep, hold the lock, and close.
  case counter, bank, list, churn
  /// Processes that count durably, and do it for each other, while some are stopped and some are killed.
  case letters
  /// The same, with a program that knows LMDB only and raises the revision.
  case strangers
  /// Processes that are killed while they make stores and open them.
  case opening
  /// Two who write, of whom one is killed: the other one has nobody to help it.
  case survivor
  /// How soon somebody else writes when who wrote was killed.
  case takeover
  /// Two hundred processes.
  case crowd
  case fullDisk = "full-disk"
  case limitedFiles = "limited-files"
  case readOnly = "read-only"
  /// Readers on a read-only mount of a store that others write.
  case livingView = "living-view"
  case fork
  case clock
  case versions

  /// Whether more time makes it harder.
  var isLong: Bool {
    switch self {
    case .counter, .bank, .list, .churn, .letters, .strangers, .opening, .survivor: true
    default: false
    }
  }

  var number: UInt64 { UInt64(Self.allCases.firstIndex(of: self) ?? 0) }

  func run(_ directory: String, seconds: Double, kills: Int?, _ chance: inout Chance) throws -> Outcome {
    var outcome = Outcome()
    let stage = try Stage(directory)
    do {
      switch self {
      case .counter, .bank, .list, .churn:
        outcome = try playing(stage, seconds, kills, &chance)
      case .letters: try letters(stage, seconds, &outcome, &chance)
      case .strangers: try letters(stage, seconds, &outcome, &chance, hasStrangers: true)
      case .livingView: try livingView(stage, seconds, &outcome, &chance)
      case .opening: try opening(stage, seconds, &outcome, &chance)
      case .survivor: try survivor(stage, seconds, &outcome, &chance)
      case .takeover: try takeover(stage, seconds, &outcome, &chance)
      case .crowd: try crowd(stage, seconds, &outcome, &chance)
      case .fullDisk: try fullDisk(stage, &outcome, &chance)
      case .limitedFiles: try limitedFiles(stage, &outcome, &chance)
      case .readOnly: try readOnly(stage, &outcome, &chance)
      case .fork: try forking(stage, &outcome)
      case .clock: try clock(stage, &outcome, &chance)
      case .versions: try versions(stage, &outcome)
      }
    } catch {
      stage.fail("\(error)")
    }
    outcome.kills += stage.kills
    outcome.faults += stage.faults
    return outcome
  }

  /// Processes that play, are killed, and are followed by others; then the store is judged.
  private func playing(_ stage: Stage, _ seconds: Double, _ kills: Int?, _ chance: inout Chance) throws -> Outcome {
    var outcome = Outcome()
    let play = try Plays.named(rawValue)
    let store = try Store(path: stage.store, configuration: Plays.configuration(of: play))
    try play.prepare(store)
    try store.close()
    // Short lives are for openings, long ones for what comes after many commits. Now and then nobody is killed.
    let lives: [Int?] = [20, 40, 80, 80, 200, 200, 600, nil]
    var life = lives[chance.below(lives.count)]
    if kills != nil || seconds < 5 { life = life ?? 80 }
    try stage.play(
      rawValue,
      .init(processes: 2 + chance.below(10), seconds: seconds, life: life) { kills.map { stage.kills >= $0 } ?? false },
      &chance
    )
    try stage.judge(rawValue)
    outcome.operations = History(stage.journal).doneCount
    if self == .churn { try ChurnPlay.judgeSize(stage, &outcome) }
    return outcome
  }
}

extension Stage {
  /// Has the store judged by a process of its own, and its pages by a program that is not ours.
  func judge(_ play: String, store: String? = nil) throws {
    let path = store ?? self.store
    guard faults.isEmpty else { return }
    if try run(["check", play, path, directory + "/journal"]) != 0 { return fail(words) }
    // LMDB keeps the pages of a large value that is followed by a small one in the same transaction, as of a group. That
    // is sound, and py-lmdb does not know it.
    if play != "bank", play != "churn" { try judgePages(path) }
  }

  func judgePages(_ path: String) throws {
    guard Self.hasPython else { return }
    var child = try Child(["-m", "lmdb", "verify", "-e", path], output: directory + "/verify", program: "python3")
    let status = child.wait()
    let text = (try? String(contentsOfFile: directory + "/verify", encoding: .utf8)) ?? ""
    if status != 0 || !text.contains("verify: OK") { fail("py-lmdb: \(text.suffix(500))") }
  }

  private static let hasPython: Bool = {
    let script = "import lmdb.tool as t; assert 'verify' in t.__doc__"
    guard var child = try? Child(["-c", script], output: "/dev/null", program: "python3") else { return false }
    return child.wait() == 0
  }()
}

extension ChurnPlay {
  /// The file is no larger than what is in it, three times over for what commits free and use again, with what may be
  /// kept from use: a checkpoint lets pages go after 64 MiB (`DurabilityLimits.maxKept`), and looks for it every quarter of a
  /// second; a parked reader keeps what was written in its 300 ms.
  static func judgeSize(_ stage: Stage, _ outcome: inout Outcome) throws {
    let store = try Store(path: stage.store, configuration: Plays.configuration(of: self))
    defer { try? store.close() }
    let written = try store.scope("written", of: Int.self).get("bytes") ?? 0
    var live = 0
    try store.read { snapshot in
      for (_, value) in snapshot.scope("churn") { if case .bytes(let bytes) = value { live += bytes.count + 64 } }
    }
    let size = try FileManager.default.attributesOfItem(atPath: stage.store + "/data.mdb")[.size] as? Int ?? 0
    let bound = 3 * max(live, 2 << 20) + 64 << 20 + 32 << 20
    let names = ["control", "redo", "checkpoint", "pages"]
    let beside = names.reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(stage.store)/\(name)")
      return sum + (attributes?[.size] as? Int ?? 0)
    }
    let mebibyte = 1 << 20
    outcome.notes.append(
      "written \(written / mebibyte) MiB, live \(live / mebibyte), file \(size / mebibyte), others \(beside / mebibyte)"
    )
    if size > bound { stage.fail("the file has \(size) bytes, for \(live) in it; \(bound) are allowed") }
  }
}
