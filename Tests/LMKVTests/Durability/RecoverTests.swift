import Foundation
import Testing

@testable import LMKV

/// What a store that nobody has open says of itself, and what is done with it by choice.
@Suite struct RecoverTests {
  @Test(arguments: [true, false])
  func `A copy that a killed recovery has left is removed by the next`(isOpening: Bool) throws {
    try DirtyStore.with { store in
      try Data(count: 1 << 16).write(to: store.url("trial"))
      if isOpening { _ = try store.count() } else { try Store.recover(path: store.path) }
      #expect(!FileManager.default.fileExists(atPath: store.url("trial").path))
    }
  }

  /// All files of a store, those that were put aside included.
  private func files(_ store: DirtyStore) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: store.path) {
      var isDirectory: ObjCBool = false
      let path = store.path + "/" + name
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      // `open.lock` has the name of whoever opens or closes the store.
      guard !isDirectory.boolValue, name != "open.lock" else { continue }
      files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
    return files
  }

  private func report(_ store: DirtyStore) throws -> RecoveryReport {
    let before = try files(store)
    let report = try Store.recoveryReport(path: store.path)
    #expect(try files(store) == before, "looking has changed something")
    return report
  }

  /// A refusal that changes nothing.
  private func expectRefusal(
    _ store: DirtyStore,
    _ code: LMKVError.Code,
    _ choice: RecoveryChoice?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try files(store)
    #expect(sourceLocation: sourceLocation) {
      try Store.recover(path: store.path, choosing: choice)
    } throws: {
      ($0 as? LMKVError)?.code == code
    }
    #expect(try files(store) == before, sourceLocation: sourceLocation)
  }

  private func obstacle(_ report: RecoveryReport, _ choice: RecoveryChoice) throws -> String? {
    try #require(report.choices.first { $0.choice == choice }).obstacle
  }

  private func aside(_ store: DirtyStore) -> DirtyStore { DirtyStore(path: store.path + "/before-recovery") }

  // MARK: Without doubt

  @Test func `A store that was closed is clean, and recovering it changes nothing`() throws {
    try DirtyStore.with { store in
      _ = try store.count()
      let found = try report(store)
      #expect(found.state == .clean && !found.isInUse && found.choices.isEmpty && found.doubt == nil)
      let before = try files(store)
      for choice in [nil] + RecoveryChoice.allCases {
        #expect(try Store.recover(path: store.path, choosing: choice).action == .nothing)
      }
      #expect(try files(store) == before)
    }
  }

  @Test func `A store that nobody has closed is recovered as opening it does, whatever the choice`() throws {
    for choice in [nil] + RecoveryChoice.allCases {
      try DirtyStore.with { store in
        let found = try report(store)
        #expect(found.state == .dirty && found.doubt == nil && found.choices.isEmpty)
        #expect(found.evidence.contains { $0.contains("The log (redo) has") })
        let outcome = try Store.recover(path: store.path, choosing: choice)
        #expect(outcome.action == .restored && outcome.transactions > 10 && outcome.copy == nil)
        #expect(outcome.report == found)
        #expect(try report(store).state == .clean)
        #expect(store.isComplete(try store.count()))
      }
    }
  }

  @Test func `A store that a process has open is reported so, and not recovered`() throws {
    try DirtyStore.with { store in
      let opened = try store.open()
      #expect(try report(store).isInUse)
      try expectRefusal(store, .storeInUse, .data)
      try opened.close()
      let writer = try DriverProcess("storm", store.path, "full")
      for _ in 0..<100 { _ = writer.line() }
      let found = try Store.recoveryReport(path: store.path)
      #expect(found.isInUse && found.state == .dirty)
      #expect { try Store.recover(path: store.path) } throws: { ($0 as? LMKVError)?.code == .storeInUse }
      writer.kill()
      while writer.line() != nil {}
      #expect(try report(store).isInUse == false)
    }
  }

  @Test func `What is no store is an error that says so`() throws {
    try withTemporaryDirectory { directory in
      for path in [directory.path(of: "absent"), directory.path] {
        #expect { try Store.recoveryReport(path: path) } throws: { ($0 as? LMKVError)?.code == .notFound }
        #expect { try Store.recover(path: path) } throws: { ($0 as? LMKVError)?.code == .notFound }
      }
      try Data(repeating: 7, count: 9_000).write(to: directory.url.appending(path: "data.mdb"))
      #expect { try Store.recover(path: directory.path) } throws: { ($0 as? LMKVError)?.code == .notAStore }
    }
  }

  // MARK: In doubt

  @Test(arguments: [[0], [1], [0, 1]])
  func `Where meta pages are damaged the checkpoint has them, and the log everything after it`(pages: [Int]) throws {
    // The magic number; a number that no file has.
    for bit in [16 * 8, 39 * 8 + 6] {
      try DirtyStore.with { store in
        for page in pages { try store.flip(bit: page * 4_096 * 8 + bit, "data.mdb") }
        let found = try report(store)
        #expect(found.state == .inDoubt)
        #expect(try obstacle(found, .data) != nil)
        #expect(try obstacle(found, .checkpoint) == nil)
        #expect(try Store.recover(path: store.path, choosing: .checkpoint).action == .restored)
        #expect(store.isComplete(try store.count()))
      }
    }
  }

  @Test func `Without its log a store is as data.mdb has it, or as the checkpoint has it`() throws {
    try DirtyStore.with { store in
      try FileManager.default.removeItem(at: store.url("redo"))
      let found = try report(store)
      #expect(found.state == .inDoubt && found.doubt?.contains("log") == true)
      #expect(found.choices.map(\.choice) == [.data, .checkpoint] && found.choices.allSatisfy { $0.obstacle == nil })
      try expectRefusal(store, .inDoubt, nil)

      let before = try files(store)
      let outcome = try Store.recover(path: store.path, choosing: .data)
      #expect(outcome.action == .tookData && outcome.copy == store.path + "/before-recovery")
      for name in ["data.mdb", "checkpoint"] { #expect(try aside(store).bytes(name) == before[name]) }
      #expect(try report(store).state == .clean)
      #expect(store.isComplete(try store.count()))

      // What was put aside is a store in the same doubt.
      let other = try Store.recover(path: aside(store).path, choosing: .checkpoint, keepingCopy: false)
      #expect(other.action == .restored && other.transactions == 0 && other.copy == nil)
      #expect(try aside(store).count() < store.acknowledged)
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test func `Behind a damaged record the log is lost with the checkpoint, and nothing with data.mdb`() throws {
    try DirtyStore.with { store in
      let record = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let places = LogReplay.positions(try LogScan(store.path + "/redo", record), after: record)
      let place = places[places.count / 2]
      try store.flip(bit: 8 * (RedoLog.start + Int(place % record.redoCapacity) + 80), "redo")
      #expect(try report(store).state == .inDoubt)
      let outcome = try Store.recover(path: store.path, choosing: .checkpoint)
      #expect(outcome.action == .restored && outcome.transactions == places.count / 2)
      let present = try store.count()
      #expect(present > outcome.transactions - 10 && present < store.acknowledged)
      #expect(try Store.recover(path: aside(store).path, choosing: .data).action == .tookData)
      #expect(store.isComplete(try aside(store).count()))
    }
  }

  @Test func `A data file of another store can be taken, and the checkpoint cannot be put into it`() throws {
    try DirtyStore.with { store in
      var expected = 0
      try DirtyStore.with { other in
        try other.storm(times: 40)
        expected = other.acknowledged
        try store.write(other.bytes("data.mdb"), "data.mdb")
      }
      let found = try report(store)
      #expect(found.state == .inDoubt)
      #expect(try obstacle(found, .checkpoint)?.contains("not of the same time") == true)
      try expectRefusal(store, .inDoubt, .checkpoint)
      #expect(try Store.recover(path: store.path, choosing: .data).action == .tookData)
      #expect(try (expected...expected + 1).contains(store.count()))
    }
  }

  @Test func `An older data file does not get a checkpoint whose pages it lacks`() throws {
    try DirtyStore.with { store in
      let older = try store.copies()
      let olderCount = store.acknowledged
      try store.storm(times: 400)
      // Of the same time of being dirty.
      try store.write(try #require(older["data.mdb"]), "data.mdb")
      let found = try report(store)
      try #require(found.state == .inDoubt)
      #expect(try obstacle(found, .checkpoint) != nil)
      #expect(try Store.recover(path: store.path, choosing: .data, keepingCopy: false).action == .tookData)
      #expect(try (olderCount...olderCount + 1).contains(store.count()))
    }
  }

  @Test func `When both copies of the newest checkpoint are damaged, data.mdb still has everything`() throws {
    try DirtyStore.with { store in
      try store.storm("relaxed", times: 10_000)
      let newest = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let start = Int(newest.generation % 2) * 4_096
      try store.flip(bit: 8 * (start + 100), "checkpoint")
      try store.flip(bit: 8 * (start + 512 + 200), "checkpoint")
      let found = try report(store)
      #expect(found.state == .inDoubt && found.evidence.contains { $0.contains("damaged in both") })
      let obstacle = try obstacle(found, .checkpoint)
      #expect(try Store.recover(path: store.path, choosing: .data).action == .tookData)
      #expect(try Store.check(path: store.path).isSound)
      #expect(store.isComplete(try store.count()))
      if obstacle == nil {
        _ = try Store.recover(path: aside(store).path, choosing: .checkpoint)
        #expect(try aside(store).count() <= store.acknowledged + 1)
        #expect(try Store.check(path: aside(store).path).isSound)
      } else {
        try expectRefusal(aside(store), .inDoubt, .checkpoint)
      }
    }
  }

  @Test func `Where another program went on from an older state, a choice keeps its commits or the log's`() throws {
    try DirtyStore.with { store in
      let writer = try DriverProcess("storm", store.path, "full")
      var counts: [Int] = []
      var older = Data()
      for number in 0..<200 {
        counts.append(try #require(writer.line().flatMap { Int($0) }))
        guard number == 100 else { continue }
        kill(writer.processID, SIGSTOP)
        older = try store.bytes("data.mdb")
        kill(writer.processID, SIGCONT)
      }
      writer.kill()
      while let line = writer.line() { counts.append(try #require(Int(line))) }
      let last = try #require(counts.last)
      try store.write(older, "data.mdb")
      try store.writeForeign(0..<1)
      let found = try report(store)
      try #require(found.state == .inDoubt && found.doubt?.contains("another LMDB program") == true)

      #expect(try Store.recover(path: store.path, choosing: .data).action == .tookData)
      #expect(try store.foreignCount() == 1)
      #expect(try (counts[100]...last).contains(store.count()))
      guard try obstacle(found, .checkpoint) == nil else { return }
      #expect(try Store.recover(path: aside(store).path, choosing: .checkpoint).action == .restored)
      #expect(try aside(store).foreignCount() == 0)
      #expect(try (last...last + 1).contains(aside(store).count()))
    }
  }

  @Test func `Where neither choice is possible the store stays as it is`() throws {
    try withTemporaryDirectory { directory in
      var store = DirtyStore(path: directory.path(of: "store"))
      try store.storm(times: 200)
      for name in ["checkpoint", "redo"] { try FileManager.default.removeItem(at: store.url(name)) }
      var data = try store.bytes("data.mdb")
      for page in 2..<data.count / 4_096 {
        data.replaceSubrange(page * 4_096 + 8..<page * 4_096 + 24, with: Data(repeating: 0xFF, count: 16))
      }
      try store.write(data, "data.mdb")
      let found = try report(store)
      #expect(found.state == .inDoubt && found.choices.allSatisfy { $0.obstacle != nil })
      for choice in [nil] + RecoveryChoice.allCases { try expectRefusal(store, .inDoubt, choice) }
    }
  }

  // MARK: The copies

  @Test func `A copy that is there is not replaced, one that was not finished is`() throws {
    try DirtyStore.with { store in
      try FileManager.default.removeItem(at: store.url("redo"))
      let part = store.path + "/before-recovery.part"
      try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: false)
      try Data([1]).write(to: URL(fileURLWithPath: part + "/data.mdb"))
      let before = try files(store)
      try Store.recover(path: store.path, choosing: .data)
      #expect(!FileManager.default.fileExists(atPath: part))
      #expect(try aside(store).bytes("data.mdb") == before["data.mdb"])

      try store.write(try #require(before["data.mdb"]), "data.mdb")
      try store.write(try #require(before["checkpoint"]), "checkpoint")
      try expectRefusal(store, .storeExists, .checkpoint)
      #expect(try Store.recover(path: store.path, choosing: .data, keepingCopy: false).copy == nil)
      #expect(try aside(store).bytes("data.mdb") == before["data.mdb"])
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test func `A store is deleted together with what a recovery put aside`() throws {
    try withTemporaryDirectory { directory in
      var store = DirtyStore(path: directory.path(of: "store"))
      try store.storm(times: 60)
      try FileManager.default.removeItem(at: store.url("redo"))
      try Store.recover(path: store.path, choosing: .data)
      _ = try? aside(store).count()
      let stores = StoreDirectory(path: directory.path)
      let other = aside(store).url("other")
      try Data().write(to: other)
      #expect(throws: LMKVError.self) { try stores.delete("store") }
      try FileManager.default.removeItem(at: other)
      try stores.delete("store")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
  }
}
