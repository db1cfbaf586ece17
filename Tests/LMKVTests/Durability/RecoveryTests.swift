import ControlPage
import Foundation
import LMKV
import Testing

/// What the first process after a power failure makes of the files. What a disk may leave of them is tried out by
/// PowerFailureTests; here the disk has kept everything.
@Suite struct RecoveryTests {
  /// A store that is dirty: its writer was killed in the middle of a load.
  private func withDirtyStore(_ body: (_ path: String, _ acknowledged: Int) throws -> Void) throws {
    try withStorePath { path in
      let store = try Store(path: path)
      try store.scope("counters").set("n", 0)
      try store.close()
      let writer = try DriverProcess("storm", path, "full")
      var acknowledged = 0
      while acknowledged < 40, let line = writer.line() { acknowledged = Int(line) ?? acknowledged }
      writer.kill()
      try body(path, acknowledged)
    }
  }

  private func otherStart() -> Store.Configuration {
    var configuration = Store.Configuration()
    configuration.boot = BootID(high: .random(in: 1...(.max)), low: 1)
    return configuration
  }

  private func count(_ path: String, _ configuration: Store.Configuration) throws -> Int {
    let store = try Store(path: path, configuration: configuration)
    defer { try? store.close() }
    return try store.scope("counters", of: Int.self).require("n")
  }

  @Test func `Every acknowledged commit of a killed writer is there after the machine was started anew`() throws {
    try withDirtyStore { path, acknowledged in
      let present = try count(path, otherStart())
      #expect((acknowledged...acknowledged + 1).contains(present))
      #expect(try count(path, otherStart()) == present, "the second opening recovered something else")
    }
  }

  @Test func `What is in the kernel's memory only is lost without the log, and nothing before it`() throws {
    try withDirtyStore { path, acknowledged in
      // As if the log had never been written: the checkpoint is what there is.
      let log = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/redo"))
      try log.write(contentsOf: Data(count: 1 << 20))
      try log.close()
      let present = try count(path, otherStart())
      #expect(present < acknowledged, "the log was not what the commits came from")
      #expect(present > 0)
    }
  }

  @Test func `A log that ends in the middle of a record is repeated up to that record`() throws {
    try withDirtyStore { path, acknowledged in
      let whole = try Data(contentsOf: URL(fileURLWithPath: path + "/redo"))
      // The last byte that is not zero belongs to the last record.
      let last = try #require(whole.lastIndex { $0 != 0 })
      var torn = whole
      torn[last] ^= 0xFF
      try torn.write(to: URL(fileURLWithPath: path + "/redo"))
      let present = try count(path, otherStart())
      #expect((acknowledged - 1...acknowledged).contains(present))
    }
  }

  @Test func `A data file that was put in the place of another one is taken as it is`() throws {
    try withDirtyStore { path, _ in
      try withFreshStore { other in
        try other.scope("counters").set("n", 7)
        try other.close()
        let data = try Data(contentsOf: URL(fileURLWithPath: other.path + "/data.mdb"))
        // In the same inode, as `cp` does it.
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/data.mdb"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: data)
        try file.close()
      }
      #expect(try count(path, otherStart()) == 7)
    }
  }

  @Test func `Without a new start nothing is put back`() throws {
    try withDirtyStore { path, acknowledged in
      try Data().write(to: URL(fileURLWithPath: path + "/redo"))
      let present = try count(path, .init())
      #expect((acknowledged...acknowledged + 1).contains(present))
    }
  }
}
