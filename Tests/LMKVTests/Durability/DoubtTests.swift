import Foundation
import LMDB
import Testing

@testable import LMKV

/// Files that contradict each other: restored, replaced, or damaged. Either everything that was acknowledged is there, or
/// the store is not opened, and nothing is changed.
@Suite struct DoubtTests {
  /// Opens a store that must be refused, and sees that no file was changed.
  private func expectDoubt(_ store: DirtyStore, _ words: String, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let before = try store.copies()
    #expect(sourceLocation: sourceLocation) {
      try store.open().close()
    } throws: { error in
      let error = error as? LMKVError
      return error?.code == .inDoubt && error?.message.contains(words) == true
    }
    #expect(try store.copies() == before, sourceLocation: sourceLocation)
  }

  // Defect A16.
  @Test(arguments: 0..<4) func `A changed bit in the newest checkpoint is made good by its copy`(part: Int) throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      let files = try store.copies()
      let newest = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let start = Int(newest.generation % 2) * 4_096
      for byte in stride(from: part * 31, to: 512, by: 124) {
        for (name, data) in files { try store.write(data, name) }
        try store.flip(bit: 8 * (start + byte) + byte % 8, "checkpoint")
        #expect(store.isComplete(try store.count()), "byte \(byte)")
      }
    }
  }

  @Test func `Where both copies of the newest checkpoint are damaged the store is in doubt`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      // So that there is an older one in the other slot.
      try store.storm("relaxed", times: 10_000)
      let newest = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let start = Int(newest.generation % 2) * 4_096
      try store.flip(bit: 8 * (start + 100), "checkpoint")
      try store.flip(bit: 8 * (start + 512 + 200), "checkpoint")
      try expectDoubt(store, "checkpoint is damaged")
    }
  }

  @Test func `A damaged record of the log that was once on the disk is not the end of the log`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      let record = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      let log = try LogScan(store.path + "/redo", record)
      var places: [UInt64] = []
      log.forEach(from: record.redoStart) { (record) throws(Never) in
        places.append(record.position)
        return true
      }
      try #require(places.count > 10)
      let files = try store.copies()
      for place in places[1..<places.count / 2] {
        for (name, data) in files { try store.write(data, name) }
        try store.flip(bit: 8 * (RedoLog.start + Int(place % record.redoCapacity) + 80), "redo")
        try expectDoubt(store, "log")
      }
    }
  }

  @Test func `A record of the file checkpoint with numbers beyond all bounds is damage, and no crash`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      var newest = try #require(try CheckpointFile.contents(at: store.path + "/checkpoint").newest)
      var data = try store.bytes("checkpoint")
      for change in [\CheckpointRecord.redoStart, \.redoCapacity, \.generation, \.transactionID, \.nextTransaction] {
        let old = newest[keyPath: change]
        newest[keyPath: change] = .max - 1
        for copy in 0..<4 {
          data.replaceSubrange(
            copy / 2 * 4_096 + copy % 2 * 512..<copy / 2 * 4_096 + copy % 2 * 512 + 512,
            with: newest.bytes
          )
        }
        try store.write(data, "checkpoint")
        try expectDoubt(store, "checkpoint")
        newest[keyPath: change] = old
      }
    }
  }

  // Defects A6 and A15.
  @Test(
    arguments: [
      ["checkpoint"], ["redo"], ["data.mdb"], ["checkpoint", "redo"], ["data.mdb", "redo"], ["data.mdb", "checkpoint"],
    ],
    [false, true]
  )
  func `Files of another time of the same store never lose what was acknowledged in silence`(
    names: [String],
    isCleanBetween: Bool
  ) throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      let older = try store.copies()
      let olderCount = store.acknowledged
      if isCleanBetween { _ = try store.count() }
      try store.storm("full", times: 400)
      for name in names { try store.write(try #require(older[name]), name) }
      do {
        let present = try store.count()
        // A data file of another time, put here by somebody, is what there is; anything else must be complete.
        let isOlder = names.contains("data.mdb") && (olderCount...olderCount + 1).contains(present)
        #expect(store.isComplete(present) || isOlder, "\(present) of \(store.acknowledged)")
      } catch let error as LMKVError where error.code == .inDoubt {
        #expect(error.message.contains(store.path))
      }
    }
  }

  @Test func `A data file that was cut short is refused, and not filled up with zeros`() throws {
    try DirtyStore.with { store in
      let opened = try store.open()
      try opened.scope("large", of: [UInt8].self).set("key", [UInt8](repeating: 1, count: 1 << 20))
      try opened.close()
      try store.storm("relaxed")
      let whole = try store.bytes("data.mdb")
      try store.write(whole.prefix(1 << 19), "data.mdb")
      for _ in 0..<2 {
        #expect {
          try store.open().close()
        } throws: { error in
          (error as? LMKVError)?.code == .inDoubt && "\(error)".contains("cut short")
        }
        // Nothing was written, and recovering says the same.
        #expect(try store.bytes("data.mdb").count == 1 << 19)
        #expect(try Store.recoveryReport(path: store.path).state == .inDoubt)
      }
      try store.write(whole, "data.mdb")
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test func `A changed bit in a meta page does not switch recovery off`() throws {
    try DirtyStore.with { store in
      let files = try store.copies()
      // Bit 62 of the size of the map, and of the transaction ID; a flag of the list of free pages.
      for bit in [39 * 8 + 6, 151 * 8 + 6, 44 * 8 + 3] {
        for page in 0..<2 {
          try store.flip(bit: page * 4_096 * 8 + bit, "data.mdb")
          try expectDoubt(store, "damaged meta page")
          #expect(try Store.recoveryReport(path: store.path).state == .inDoubt)
          for (name, data) in files { try store.write(data, name) }
        }
      }
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test(arguments: ["checkpoint", "redo", "data.mdb"]) func `What is no file is an error, and waited for by nobody`(
    name: String
  ) throws {
    try DirtyStore.with { store in
      let aside = store.url("../\(name)")
      try FileManager.default.moveItem(at: store.url(name), to: aside)
      #expect(mkfifo(store.url(name).path, 0o600) == 0)
      #expect(throws: LMKVError.self) { try store.open().close() }
      #expect(throws: LMKVError.self) { try Store.recoveryReport(path: store.path) }
      #expect(throws: LMKVError.self) { try Store.check(path: store.path) }
      try FileManager.default.removeItem(at: store.url(name))
      try FileManager.default.moveItem(at: aside, to: store.url(name))
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test func `An environment that was opened without LMKV is not made a store of, since nobody has recovered it`()
    throws
  {
    try DirtyStore.with { store in
      let environment = try Environment.open(store.path)
      #expect {
        try store.open().close()
      } throws: { error in
        (error as? LMKVError)?.code == .openedDifferently
      }
      withExtendedLifetime(environment) {}
      _ = consume environment
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test(arguments: ["checkpoint", "redo", "data.mdb"]) func `A missing file is told from one that never was`(
    name: String
  ) throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      let files = try store.copies()
      try FileManager.default.removeItem(at: store.url(name))
      #expect {
        try store.open().close()
      } throws: { error in
        (error as? LMKVError)?.code == .inDoubt && "\(error)".contains(name)
      }
      try #require(files[name]).write(to: store.url(name))
      #expect(store.isComplete(try store.count()))
    }
  }

  @Test func `A clean data file that was put in the place of another one is taken as it is`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      try withFreshStore { other in
        try other.scope("counters").set("n", 7)
        try other.close()
        try store.write(Data(contentsOf: URL(fileURLWithPath: other.path + "/data.mdb")), "data.mdb")
      }
      #expect(try store.count() == 7)
    }
  }

  @Test func `A dirty data file of another store is not taken for this one's`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      try DirtyStore.with(judging: .inDoubt) { other in
        try store.write(other.bytes("data.mdb"), "data.mdb")
      }
      try expectDoubt(store, "not of the same time")
    }
  }

  @Test func `A copy of the data file alone is opened when its pages are sound, and refused when not`() throws {
    try DirtyStore.with(judging: .inDoubt) { store in
      for name in ["checkpoint", "redo", "pages", "control", "lock.mdb", "open.lock"] {
        try FileManager.default.removeItem(at: store.url(name))
      }
      #expect(store.isComplete(try store.count()))
    }
    try DirtyStore.with(judging: .inDoubt) { store in
      for name in ["checkpoint", "redo", "pages", "control", "lock.mdb", "open.lock"] {
        try FileManager.default.removeItem(at: store.url(name))
      }
      // Every page but the meta pages, so that it is one that is used.
      let sound = try store.bytes("data.mdb")
      var data = sound
      for page in 2..<data.count / 4_096 {
        data.replaceSubrange(page * 4_096 + 8..<page * 4_096 + 24, with: Data(repeating: 0xFF, count: 16))
      }
      try store.write(data, "data.mdb")
      #expect(throws: LMKVError.self) { try store.open().close() }
      // For those who look at it afterwards.
      try store.write(sound, "data.mdb")
    }
  }
}
