import Foundation
import LMDB
import LMKV
import Testing

/// The store's own records, as another program could leave them.
@Suite struct MetadataTests {
  @Test(arguments: ["format", "uuid", "revision", "scope/s"])
  func `A record of the store itself that is damaged is told as damage`(_ name: String) throws {
    try withTemporaryDirectory { directory throws in
      let path = directory.path(of: "store")
      let store = try Store(path: path)
      try store.scope("s").set("k", 1)
      try store.close()
      // Text of a length that is not there.
      try Self.put([0x78, 0xFF, 1], name, path)
      let error = #expect(throws: LMKVError.self) {
        let store = try Store(path: path)
        defer { try? store.close() }
        _ = try store.scope("s").get("k")
      }
      #expect(error?.code == .corrupted, "\(String(describing: error))")
      #expect(error?.message.contains("\"\(name)\"") == true && error?.message.contains(path) == true)
    }
  }

  private static func put(_ bytes: [UInt8], _ name: String, _ path: String) throws {
    let environment = try Environment.open(path)
    let database = try #require(try environment.openDatabase("lmkv"))
    try environment.write { try $0.put(bytes, for: Array(name.utf8), in: database) }
  }
}
