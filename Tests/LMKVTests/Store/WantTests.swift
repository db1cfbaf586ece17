import ControlPage
import Foundation
import LMDB
import Testing

@testable import LMKV

/// What a store does, and says, when the system does not give it what it asks for. Defects B7, B13 and C5.
@Suite struct WantTests {
  /// Limits that lie in the middle of a page, so that the file takes a part of what is written: LMDB answers EIO to that.
  @Test(arguments: ["full", "relaxed"], [100, 5_000, 70_001, 1_000_777])
  func `A file that may not grow any more is a full disk, and the store goes on when there is room again`(
    durability: String,
    room: Int
  ) throws {
    try withStorePath { path in
      let driver = try DriverProcess("fill-limited", path, durability, "\(room)")
      try driver.expect("diskFull")
      try driver.expect("done")
      #expect(driver.wait() == 0)
    }
  }

  @Test(arguments: [Durability.full, .relaxed()])
  func `A store stays clean while its files cannot be opened, and commits go on`(_ durability: Durability) throws {
    var configuration = Store.Configuration(durability: durability)
    configuration.limits.streakGap = .max
    try withStore(configuration) { store in
      // Whatever the reason is: nobody can open a directory as a log.
      let log = store.path + "/redo"
      try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
      let state = try #require((try store.environment().companion as? Persistence)?.state)
      for number in 0..<60 { try store.scope("s").set("k", number) }
      #expect(!state.flag(.isDirty) && !state.flag(.isBroken))
      try FileManager.default.removeItem(atPath: log)
      for number in 0..<60 { try store.scope("s").set("k", number) }
      #expect(FileManager.default.fileExists(atPath: log), "it was never tried again")
      try #expect(store.scope("s", of: Int.self).get("k") == 59)
    }
  }

  @Test(arguments: ["full", "relaxed"])
  func `Want of descriptors ends nothing`(durability: String) throws {
    try withStorePath { path in
      let driver = try DriverProcess("want-descriptors", path, durability)
      try driver.expect("clean")
      try driver.expect("dirty")
      #expect(driver.wait() == 0)
    }
  }

  @Test func `Want of threads is not another process's fault`() {
    let error = LMDBError(ControlPageError.noThread(code: EAGAIN))
    let translated = ErrorTranslation(path: "/p", maxSize: nil)(error)
    #expect(translated.code == .inputOutput)
    #expect(translated.message.contains("thread") && !translated.message.contains("held by another process"))
  }
}
