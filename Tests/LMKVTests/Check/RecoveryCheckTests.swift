import Foundation
import Testing

@testable import LMKV

/// What a check says of the files beside the data file.
@Suite struct RecoveryCheckTests {
  private func count(_ report: CheckReport, _ name: String) throws -> Int {
    try #require(report.sections.first { $0.name == name }).count
  }

  @Test func `A store that was not closed is sound, and a note says that it will be recovered`() throws {
    try DirtyStore.with { store in
      let report = try Store.check(path: store.path)
      #expect(report.isSound && report.notes.count == 1)
      #expect(report.sections.map(\.name) == ["pages", "store", "checkpoint", "log"])
      _ = try store.count()
      let after = try Store.check(path: store.path)
      #expect(after.isSound && after.notes.isEmpty)
    }
  }

  @Test func `A damaged copy of a checkpoint is found while the other one is whole`() throws {
    try DirtyStore.with { store in
      let newest = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      try store.flip(bit: 8 * (Int(newest.generation % 2) * 4_096 + 100), "checkpoint")
      let report = try Store.check(path: store.path)
      #expect(report.count == 1 && report.findings.first?.kind == .checkpoint)
      #expect(try count(report, "checkpoint") == 1)
      #expect(store.isComplete(try store.count()))
      // It is made good with one of the next checkpoints, or at once.
      _ = try Store.recover(path: store.path)
    }
  }

  @Test func `A damaged record of the log, and files that contradict each other, are found`() throws {
    try DirtyStore.with { store in
      let record = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let places = LogReplay.positions(try LogScan(store.path + "/redo", record), after: record)
      let place = places[places.count / 2]
      let bit = 8 * (RedoLog.start + Int(place % record.redoCapacity) + 80)
      try store.flip(bit: bit, "redo")
      let report = try Store.check(path: store.path)
      #expect(report.findings.map(\.kind) == [.log] && report.notes.isEmpty)
      #expect(try count(report, "log") == 1)
      try store.flip(bit: bit, "redo")

      let checkpoint = try store.bytes("checkpoint")
      try FileManager.default.removeItem(at: store.url("checkpoint"))
      #expect(try Store.check(path: store.path).findings.map(\.kind) == [.doubt])
      try checkpoint.write(to: store.url("checkpoint"))
    }
  }

  @Test func `A check says what opening would do, also where the pages of the data file decide it`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      // Shorter than the state that the checkpoint has: only a look at the pages tells.
      let data = try store.bytes("data.mdb")
      try store.write(data.prefix(2 * 4_096), "data.mdb")
      expectError(.inDoubt, naming: "cut short") { _ = try store.open() }
      let findings = try Store.check(path: store.path).findings
      #expect(findings.contains { $0.kind == .doubt && $0.message.contains("cut short") }, "\(findings)")
      try store.write(data, "data.mdb")
      _ = try store.count()
    }
  }

  @Test func `Beside a writer nothing is found, however often one looks`() throws {
    try DirtyStore.with { store in
      let writer = try DriverProcess("storm", store.path, "relaxed")
      _ = writer.line()
      for _ in 0..<20 {
        let report = try Store.check(path: store.path)
        #expect(report.isSound, "\(report.findings.map(\.message))")
        #expect(report.notes.count == 1)
      }
      writer.kill()
      while writer.line() != nil {}
    }
  }
}
