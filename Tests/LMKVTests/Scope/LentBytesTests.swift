import Foundation
import LMKV
import Testing

/// Bytes that are lent from the map, inside a transaction.
@Suite struct LentBytesTests {
  static let writes: [(name: String, write: @Sendable (Transaction) throws -> Void)] = [
    ("set", { try $0.scope("b", of: [UInt8].self).set("k", [9]) }),
    ("another scope", { try $0["other"].set("k", 1) }),
    ("remove", { try $0["b"].remove("k") }),
    ("clear", { try $0["b"].clear() }),
    ("removeAll", { try $0["b"].removeAll(.prefix("k")) }),
    ("batch", { tx in try tx["b"].set((0..<100).map { ("\($0)", Value.integer(1)) }) }),
    ("increment", { try $0.scope("n", of: Int.self).increment("k") }),
    ("append", { try $0["list"].append("k", 1) }),
    ("touch", { try $0["b"].touch("k", expires: .hours(1)) }),
    ("create", { try $0.createScope("new") }),
    ("rename", { try $0.renameScope("b", to: "new") }),
    ("copy", { try $0.copyScope("b", to: "new") }),
    ("drop", { try $0.dropScope("b") }),
    ("savepoint", { tx in _ = try tx.savepoint { try tx["b"].remove("k") } }),
  ]

  @Test(arguments: writes)
  func `A write is refused while bytes are lent, and changes nothing`(
    _ write: (name: String, write: @Sendable (Transaction) throws -> Void)
  ) throws {
    try withStore { store throws in
      let scope = store.scope("b", of: [UInt8].self)
      try scope.set("k", Array(repeating: 7, count: 100))
      try store.transaction { tx in
        _ = try tx[scope].withBytes("k") { bytes in
          expectError(.transactionFailed, naming: "withBytes") { try write.write(tx) }
          #expect((0..<bytes.byteCount).allSatisfy { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 7 })
        }
        try tx[scope].forEachBytes { _, _ in
          expectError(.transactionFailed, naming: "forEachBytes") { try write.write(tx) }
        }
        #expect(try tx[scope].get("k")?.count == 100)
        // Afterwards it is a transaction like any other.
        try tx[scope].set("later", [1])
      }
      #expect(try store.scopes == ["b"])
      #expect(try scope.count() == 2)
    }
  }

  @Test func `Reading goes on while bytes are lent`() throws {
    try withStore { store throws in
      let scope = store.scope("b", of: [UInt8].self)
      try scope.set("k", [1, 2])
      try scope.set("l", [3])
      try store.transaction { tx in
        let sum = try tx[scope].withBytes("k") { bytes in
          try bytes.byteCount + (tx[scope].withBytes("l") { $0.byteCount } ?? 0) + tx[scope].count()
        }
        #expect(sum == 5)
      }
    }
  }
}
