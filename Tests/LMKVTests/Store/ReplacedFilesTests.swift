import Foundation
import LMKV
import Testing

/// What happens to a store whose files are removed, moved or replaced while it is open. Defects B11, B13 and B16.
@Suite struct ReplacedFilesTests {
  /// With a store that is open at a path: clean as LMDB leaves it, and dirty as load does.
  private func withOpenStore(
    _ durability: Durability,
    _ body: (_ store: Store, _ path: String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      let store = try Store(path: path, configuration: .init(durability: durability))
      for number in 0..<20 { try store.scope("s").set("k", number) }
      try body(store, path)
      try store.close()
      #expect(openFiles(below: path).isEmpty)
    }
  }

  private static let durabilities: [Durability] = [.full, .relaxed()]

  /// Writes until that is refused, and expects that it stays so.
  private func expectRefusal(_ store: Store, naming word: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let limit = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < limit, (try? store.scope("s").set("lost", 1)) != nil {}
    for _ in 0..<3 {
      expectError(.filesReplaced, naming: word, "Close the store", sourceLocation: sourceLocation) {
        try store.scope("s").set("lost", 1)
      }
    }
  }

  @Test(arguments: durabilities)
  func `Writes to a store that was removed are refused, and reads go on`(_ durability: Durability) throws {
    try withOpenStore(durability) { store, path in
      try FileManager.default.removeItem(atPath: path)
      expectRefusal(store, naming: "data.mdb was removed or moved")
      try #expect(store.scope("s", of: Int.self).get("k") == 19)
    }
  }

  @Test(arguments: durabilities)
  func `Writes to a store that was moved are refused until it is back, and nothing is lost`(
    _ durability: Durability
  ) throws {
    try withOpenStore(durability) { store, path in
      try FileManager.default.moveItem(atPath: path, toPath: path + "-moved")
      expectRefusal(store, naming: "data.mdb was removed or moved")
      try FileManager.default.moveItem(atPath: path + "-moved", toPath: path)
      try store.scope("s").set("k", 20)
      try #expect(store.scope("s", of: Int.self).get("k") == 20)
    }
  }

  @Test(arguments: durabilities)
  func `A new store in the place of an open one is left alone by whoever has the old one`(
    _ durability: Durability
  ) throws {
    try withOpenStore(durability) { old, path in
      try FileManager.default.moveItem(atPath: path, toPath: path + "-moved")
      let new = try Store(path: path, configuration: .init(durability: durability))
      #expect(new.uuid != old.uuid)
      for number in 100..<120 { try new.scope("s").set("k", number) }
      expectRefusal(old, naming: "data.mdb was replaced")
      try old.close()
      try new.scope("s").set("k", 120)
      try #expect(new.scope("s", of: Int.self).get("lost") == nil)
      try new.close()
      // What the old one had is whole where it is now.
      let moved = try Store(path: path + "-moved")
      try #expect(moved.scope("s", of: Int.self).get("k") == 19)
      try moved.close()
      let again = try Store(path: path)
      try #expect(again.scope("s", of: Int.self).get("k") == 120)
      try again.close()
    }
  }

  @Test(arguments: durabilities)
  func `Nobody joins a store whose data file was replaced under those who have it open`(
    _ durability: Durability
  ) throws {
    try withOpenStore(durability) { store, path in
      let other = path + "-other"
      let source = try Store(path: other)
      try source.scope("s").set("k", 1_000)
      try source.close()
      try #require(rename(other + "/data.mdb", path + "/data.mdb") == 0)
      expectError(.filesReplaced, naming: "data.mdb was replaced", "Close the store in all processes") {
        _ = try Store(path: path)
      }
      expectRefusal(store, naming: "data.mdb was replaced")
      try store.close()
      let new = try Store(path: path)
      try #expect(new.scope("s", of: Int.self).get("k") == 1_000)
      try new.close()
    }
  }

  @Test(arguments: durabilities, ["removed", "replaced"])
  func `Nobody joins a store with another lock file than those who have it open, and nothing is lost`(
    _ durability: Durability,
    how: String
  ) throws {
    try withOpenStore(durability) { store, path in
      let writer = try DriverProcess("obey", path)
      try FileManager.default.removeItem(atPath: path + "/lock.mdb")
      if how == "replaced" { try Data(count: 8_192).write(to: URL(fileURLWithPath: path + "/lock.mdb")) }
      // This process has the store open already, and gets what it has; another one gets nothing.
      let newcomer = try run(DriverProcess.executable("LMKVTestDriver").path, ["acknowledge", path, "1"])
      #expect(newcomer.output == "error filesReplaced\n", "\(newcomer.errors)")
      expectRefusal(store, naming: "lock.mdb was")
      writer.kill()
      try store.close()
      let again = try Store(path: path)
      try #expect(again.scope("s", of: Int.self).get("k") == 19)
      try again.close()
    }
  }
}
