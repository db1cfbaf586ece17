import Foundation
import LMKV
import Testing

/// Who owns the files that come to be beside `data.mdb`. Defect B15.
@Suite struct OwnershipTests {
  private struct Ownership: Equatable {
    let owner: UInt32
    let group: UInt32
    let mode: UInt32
  }

  private func ownership(_ path: String) throws -> Ownership {
    var status = stat()
    try #require(stat(path, &status) == 0, "there is no \(path)")
    return Ownership(owner: status.st_uid, group: status.st_gid, mode: UInt32(status.st_mode) & 0o777)
  }

  /// Leaves `data.mdb` alone in a store with an entry, changes it, and has this process make all other files anew.
  private func withNewFiles(_ change: (String) throws -> Void, _ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      let first = try Store(path: path)
      try first.scope("s").set("k", 0)
      try first.close()
      for file in try FileManager.default.contentsOfDirectory(atPath: path) where file != "data.mdb" {
        try FileManager.default.removeItem(atPath: "\(path)/\(file)")
      }
      try change(path)
      var configuration = Store.Configuration(durability: .relaxed())
      configuration.limits.streakGap = .max
      let store = try Store(path: path, configuration: configuration)
      for number in 0..<40 { try store.scope("s").set("k", number) }
      try body(path)
      try store.close()
    }
  }

  private static let files = ["lock.mdb", "open.lock", "control", "checkpoint", "redo", "pages"]

  @Test(arguments: [0o600, 0o640, 0o660, 0o666] as [UInt32])
  func `New files have the permissions of the data file, whatever the mask`(mode: UInt32) throws {
    try withNewFiles({ path in try #require(chmod(path + "/data.mdb", mode) == 0) }) { path in
      for file in Self.files { try #expect(ownership("\(path)/\(file)").mode == mode, "\(file)") }
    }
  }

  @Test func `Files that root makes belong to the owner and the group of the data file`() throws {
    guard geteuid() == 0 else { try Test.cancel("only root can give files away") }
    try withNewFiles({ path in
      try #require(chown(path + "/data.mdb", 12_345, 23_456) == 0 && chmod(path + "/data.mdb", 0o640) == 0)
    }) { path in
      for file in Self.files {
        let expected = Ownership(owner: 12_345, group: 23_456, mode: 0o640)
        try #expect(ownership("\(path)/\(file)") == expected, "\(file)")
      }
    }
  }

  @Test func `What a recovery by root makes belongs to the owner of the data file`() throws {
    guard geteuid() == 0 else { try Test.cancel("only root can give files away") }
    try DirtyStore.with { store in
      for file in try FileManager.default.contentsOfDirectory(atPath: store.path) {
        try #require(chown("\(store.path)/\(file)", 12_345, 23_456) == 0)
      }
      try #require(chown(store.path, 12_345, 23_456) == 0)
      // In doubt: the log is of another time than the checkpoint.
      try FileManager.default.removeItem(at: store.url("redo"))
      let outcome = try Store.recover(path: store.path, choosing: .data)
      let copy = try #require(outcome.copy)
      for path in [copy, copy + "/data.mdb", copy + "/checkpoint"] {
        let found = try ownership(path)
        #expect(found.owner == 12_345 && found.group == 23_456, "\(path)")
      }
      for file in try FileManager.default.contentsOfDirectory(atPath: store.path) {
        #expect(try ownership("\(store.path)/\(file)").owner == 12_345, "\(file)")
      }
    }
  }
}
