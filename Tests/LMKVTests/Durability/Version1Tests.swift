import ControlPage
import Foundation
import Testing

@testable import LMKV

/// Stores that the version before wrote, and whose process was killed: format 1, and a log of durable commits only.
@Suite struct Version1Tests {
  /// What was acknowledged last.
  static let stores = [("full", 2_017), ("relaxed", 104_553)]

  private func withStore(_ name: String, _ body: (_ path: String, _ boot: BootID) throws -> Void) throws {
    try withStorePath { path in
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      let archive = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Version1/\(name).tar.gz")
      let tar = try Process.run(
        URL(fileURLWithPath: "/usr/bin/env"),
        arguments: ["tar", "xzf", archive.path, "-C", path]
      )
      tar.waitUntilExit()
      try #require(tar.terminationStatus == 0)
      let record = try #require(try CheckpointFile.contents(at: path + "/checkpoint").newest)
      #expect(record.isOfVersion1 && !record.isClean)
      try body(path, record.boot)
    }
  }

  private func count(_ path: String, _ boot: BootID) throws -> Int {
    var configuration = Store.Configuration()
    configuration.boot = boot
    let store = try Store(path: path, configuration: configuration)
    defer { try? store.close() }
    return try store.scope("counters", of: Int.self).require("n")
  }

  @Test(arguments: stores) func `While the machine goes on everything is there`(name: String, acknowledged: Int) throws
  {
    try withStore(name) { path, boot in
      let present = try count(path, boot)
      #expect((acknowledged...acknowledged + 1).contains(present))
      let later = try count(path, BootID(high: 1, low: 1))
      #expect(later == present)
    }
  }

  @Test(arguments: stores) func `After a restart what was durable is there`(name: String, acknowledged: Int) throws {
    try withStore(name) { path, _ in
      let present = try count(path, BootID(high: 1, low: 1))
      // Of relaxed ones the last checkpoint has what was flushed.
      #expect(name == "relaxed" ? present > 0 : present >= acknowledged)
      let later = try count(path, BootID(high: 2, low: 1))
      #expect(later == present)
    }
  }
}
