import ControlPage
import Foundation
import LMDB
import Testing

@testable import LMKV

/// What the first process to open a store that nobody has closed makes of the files. What a disk may leave of them is tried
/// out by PowerFailureTests; here the disk has kept everything, unless a test says otherwise.
@Suite struct RecoveryTests {
  // Defects A3 and A12.
  @Test(arguments: ["full", "relaxed"], DirtyStore.Boot.allCases)
  func `Every acknowledged commit of killed writers is there, whatever the boot ID`(
    durability: String,
    boot: DirtyStore.Boot
  ) throws {
    try DirtyStore.with(durability) { store in
      let present = try store.count(boot)
      #expect(store.isComplete(present))
      #expect(try store.count(.other) == present, "the second opening recovered something else")
      #expect(try store.bytes("data.mdb").count < 2 << 20)
    }
  }

  @Test(arguments: DirtyStore.Boot.allCases)
  func `What the data file lost on the way to the disk comes back from checkpoint and log`(
    boot: DirtyStore.Boot
  ) throws {
    try DirtyStore.with("relaxed") { store in
      // Pages of the newest state that a disk never got: everything behind the checkpoint's last page, and the meta page.
      let record = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      var data = try store.bytes("data.mdb")
      let slot = Int((record.transactionID + 1) % 2)
      data.replaceSubrange(slot * 4_096..<slot * 4_096 + 256, with: Data(repeating: 0, count: 256))
      let meta = try #require(DataFile.Meta(copy: record.meta))
      let older = meta.bytes(slot: slot, transactionID: record.transactionID - 1)
      data.replaceSubrange(slot * 4_096..<slot * 4_096 + 256, with: Data(older))
      data = data.prefix(Int(meta.lastPage + 1) * 4_096)
      try store.write(data, "data.mdb")
      #expect(store.isComplete(try store.count(boot)))
    }
  }

  @Test func `A log that ends in the middle of a record that no sync had reached is repeated up to that record`() throws
  {
    try DirtyStore.with("relaxed") { store in
      let whole = try store.bytes("redo")
      // The last byte that is not zero belongs to the last record.
      let last = try #require(whole.lastIndex { $0 != 0 })
      try store.flip(bit: 8 * last, "redo")
      #expect((store.acknowledged - 1...store.acknowledged).contains(try store.count()))
    }
  }

  // Defect B2.
  @Test func `Revisions that a power failure may have lost do not come again`() throws {
    try DirtyStore.with("relaxed") { store in
      let lost = try store.copies()
      let before = try store.open(.same)
      let seen = try before.read(\.revision)
      try before.close()
      for (name, data) in lost { try store.write(data, name) }
      let after = try store.open(.other)
      #expect(try after.read(\.revision) > seen)
      try after.close()
    }
  }

  // Defect A2.
  @Test(arguments: DirtyStore.Boot.allCases)
  func `A process that reads another boot ID joins those who have the store open`(boot: DirtyStore.Boot) throws {
    try DirtyStore.with { store in
      let writer = try DriverProcess("storm", store.path, "full")
      var last = 0
      for _ in 0..<20 { last = try #require(writer.line().flatMap { Int($0) }) }
      let joined = try store.open(boot)
      #expect(try joined.scope("counters", of: Int.self).require("n") >= last)
      for _ in 0..<20 {
        let own = try joined.scope("counters", of: Int.self).increment("n")
        #expect(own > last)
        last = try #require(writer.line().flatMap { Int($0) })
      }
      writer.kill()
      try joined.close()
      #expect(try store.count() >= last)
    }
  }

  @Test func `A reader that may write recovers a store as well`() throws {
    try DirtyStore.with { store in
      let reader = try store.open { $0.access = .readOnly }
      #expect(store.isComplete(try reader.scope("counters", of: Int.self).require("n")))
      try reader.close()
    }
  }

  // MARK: Foreign programs (defect A1)

  @Test(arguments: DirtyStore.Boot.allCases)
  func `Synced commits of a foreign program to a store that nobody had closed stay, and everything before them`(
    boot: DirtyStore.Boot
  ) throws {
    try DirtyStore.with { store in
      try store.writeForeign(0..<50)
      #expect(store.isComplete(try store.countBesideForeign(boot)))
      #expect(try store.foreignCount() == 50)
    }
  }

  @Test func `A single commit of a foreign program is told from one of ours`() throws {
    for _ in 0..<5 {
      try DirtyStore.with { store in
        try store.writeForeign(0..<1)
        #expect(store.isComplete(try store.countBesideForeign(.other)))
        #expect(try store.foreignCount() == 1)
      }
    }
  }

  @Test func `Nothing is put back under the eyes of a foreign program that has the store open`() throws {
    try DirtyStore.with { store in
      let driver = try DriverProcess("hold-foreign", store.path)
      try driver.expect("open")
      // The kernel still has everything, and says so.
      #expect(store.isComplete(try store.count(.same)))
      #expect(driver.finish() == 0)
    }
    try DirtyStore.with { store in
      let driver = try DriverProcess("hold-foreign", store.path)
      try driver.expect("open")
      // Nobody can tell what the kernel has.
      #expect(throws: LMKVError.self) { try store.open(.other) }
      do { _ = try store.open(.unknown) } catch let error as LMKVError { #expect(error.code == .recoveryNeeded) }
      #expect(driver.finish() == 0)
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test(arguments: ["full", "relaxed"])
  func `A recovery that was killed is begun again, and what it left is not taken for what the kernel has`(
    durability: String
  ) throws {
    try DirtyStore.with(durability) { store in
      let record = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let recovery = Recovery(paths: StorePaths(directory: store.path), options: .init())
      try recovery.restore(record, DataFile(store.path + "/data.mdb", writable: true))
      let driver = try DriverProcess("hold-foreign", store.path)
      try driver.expect("open")
      #expect {
        _ = try store.open(.same)
      } throws: { error in
        (error as? LMKVError)?.code == .recoveryNeeded
      }
      #expect(driver.finish() == 0)
      #expect(store.isComplete(try store.count(.same)))
    }
  }

  // MARK: Room (defect A13)

  @Test func `A recovery needs hardly more room than the store has`() throws {
    try DirtyStore.with { store in
      try store.storm("relaxed", times: 20_000)
      let before = try store.bytes("data.mdb").count
      #expect(store.isComplete(try store.count()))
      #expect(try store.bytes("data.mdb").count <= before + 1 << 20)
    }
  }

  @Test func `A store with a small limit is recovered within it`() throws {
    try withStorePath { path in
      func limited(_ boot: DirtyStore.Boot) throws -> Store {
        var configuration = Store.Configuration(durability: .relaxed())
        configuration.maxSize = 4 << 20
        configuration.boot = boot.id
        return try Store(path: path, configuration: configuration)
      }
      let writer = try DriverProcess("limited", path, "\(4 << 20)")
      var acknowledged = 0
      for _ in 0..<3_000 { acknowledged = try #require(writer.line().flatMap { Int($0) }) }
      writer.kill()
      let store = try limited(.other)
      #expect(try store.scope("counters", of: Int.self).require("n") >= acknowledged)
      try store.close()
      let size = try FileManager.default.attributesOfItem(atPath: path + "/data.mdb")[.size] as? Int
      #expect(try #require(size) <= 4 << 20)
    }
  }

  // MARK: What is kept

  @Test func `What a recovery replaced is kept until the store is closed`() throws {
    try DirtyStore.with { store in
      let opened = try store.open()
      #expect(FileManager.default.fileExists(atPath: store.path + "/replaced"))
      for _ in 0..<12 { try opened.scope("counters", of: Int.self).increment("n") }
      try opened.close()
      #expect(!FileManager.default.fileExists(atPath: store.path + "/replaced"))
    }
  }
}
