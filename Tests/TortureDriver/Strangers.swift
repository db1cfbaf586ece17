import FormatCheck
import Foundation
import LMDB
import LMKV
import PowerSimulation

extension Roles {
  /// A program that knows LMDB and `docs/design.md`: it raises the revision in the head with each commit.
  static func stranger(_ path: String, _ journal: Journal, seed: UInt64) throws {
    let environment = try Environment.open(path)
    var chance = Chance(seed: seed)
    while !journal.isOver {
      try environment.write { transaction in
        let head = try transaction.get("\0lmkv", in: environment.mainDatabase) ?? []
        guard head.count == 24 else { throw Fault("the head has \(head.count) bytes") }
        let revision = head[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + 1
        let raised = withUnsafeBytes(of: revision.bigEndian, Array.init) + head[8...]
        try transaction.put(raised, for: "\0lmkv", in: environment.mainDatabase)
        let database = try transaction.createDatabase("foreign")
        try transaction.put("\(revision)", for: "revision", in: database)
      }
      usleep(UInt32(chance.below(1_500)))
    }
  }

  /// Reads a store on a medium that can only be read, while others write to it elsewhere: each snapshot has one state,
  /// or there is an error that says why not.
  static func gaze(_ path: String, _ journal: Journal) throws {
    let store: Store
    do {
      store = try Store(path: path, configuration: .init(access: .readOnly))
    } catch let error as LMKVError {
      return Driver.say("refused: \(error.code): \(error.message.replacing(path, with: "STORE"))")
    }
    var looks = 0
    while !journal.isOver {
      do {
        try store.read { snapshot in
          try BankPlay.look(snapshot, journal, began: journal.count)
          usleep(20_000)
          try BankPlay.look(snapshot, journal, began: journal.count)
        }
      } catch let error as LMKVError {
        throw Fault("a snapshot cannot be read: \(error.code): \(error.message)")
      }
      looks += 1
    }
    try store.close()
    Driver.say("read \(looks) snapshots")
  }
}

extension Scenario {
  /// A store that living processes write, seen through a mount that can only be read, as of a container.
  func livingView(_ stage: Stage, _ seconds: Double, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    let medium = stage.directory + "/medium"
    let view = stage.directory + "/view"
    for directory in [medium, view] {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    let store = try Store(path: medium + "/store")
    try BankPlay.prepare(store)
    try store.close()
    guard mount(medium, view, nil, UInt(MS_BIND), nil) == 0 else {
      outcome.notes.append("skipped: nothing can be mounted (errno \(errno))")
      return
    }
    defer { umount2(view, Int32(MNT_DETACH)) }
    guard mount(nil, view, nil, UInt(MS_BIND | MS_REMOUNT | MS_RDONLY), nil) == 0 else {
      throw Fault("mount read-only: errno \(errno)")
    }
    let journal = stage.directory + "/journal"
    var writers = try (1...3).map { stream in
      try Child(
        ["play", "bank", medium + "/store", journal, "\(stream)", "\(chance.next())"],
        output: stage.directory + "/output"
      )
    }
    var reader = try Child(["gaze", view + "/store", journal], output: stage.directory + "/gaze")
    let end = Moment.seconds + seconds
    while Moment.seconds < end, reader.poll() == nil { usleep(2_000) }
    stage.journal.isOver = true
    let status = reader.wait(patience: 30, progress: { stage.journal.count })
    let words = (try? String(contentsOfFile: stage.directory + "/gaze", encoding: .utf8)) ?? ""
    if status != 0 { stage.fail("through a read-only mount: status \(status ?? 0): \(words.suffix(500))") }
    outcome.notes.append(words.split(separator: "\n").last.map { String($0.prefix(160)) } ?? "")
    for index in writers.indices {
      if writers[index].wait(patience: 30, progress: { stage.journal.count }) != 0 {
        stage.fail("a writer ended with \(writers[index].status ?? 0)")
      }
      writers[index].kill()
    }
    reader.kill()
    outcome.operations = Int(stage.journal.count)
  }
}
