import Foundation
import LMKV
import Testing

/// LMDB's own tools take a store for what it is: an LMDB environment.
@Suite struct ToolTests {
  private func withFilledStore(_ body: (TemporaryDirectory, String, [String: [String: Value]]) throws -> Void) throws {
    try withTemporaryDirectory { directory throws in
      let path = directory.path(of: "store")
      let store = try Store(path: path, configuration: .init(durability: .relaxed()))
      for index in 0..<200 { try store.scope("s\(index % 3)").set("key\(index)", ["index": .integer(Int128(index))]) }
      try store.scope("unicode é/日本").set("k\u{0}é\n", "zero byte, line feed")
      try store.scope("large").set("text", .string(String(repeating: "long", count: 5_000)))
      try store.scope("emptied").set("a", 1)
      try store.scope("emptied").clear()
      let content = try content(store)
      try store.close()
      try body(directory, path, content)
    }
  }

  private func content(_ store: Store) throws -> [String: [String: Value]] {
    try store.read { snapshot in
      let scopes = try snapshot.scopes.map { name in
        (name, Dictionary(snapshot[name].map { ($0.key, $0.value) }) { $1 })
      }
      return Dictionary(scopes) { $1 }
    }
  }

  @Test func `A dump that was loaded is the same store, and its revisions go on`() throws {
    let (dump, load) = (try requireExecutable("mdb_dump"), try requireExecutable("mdb_load"))
    try withFilledStore { directory, path, expected in
      let dumped = try run(dump, ["-a", path])
      #expect(dumped.status == 0, "\(dumped.errors)")
      let copy = directory.path(of: "copy")
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
      let loaded = try run(load, [copy], input: dumped.stdout)
      #expect(loaded.status == 0, "\(loaded.errors)")
      let original = try Store(path: path)
      // Readers need no writer first. Defect B13.
      for access in [Store.Configuration.Access.readOnly, .immutable] {
        let reader = try Store(path: copy, configuration: .init(access: access))
        #expect(reader.uuid == original.uuid)
        #expect(try self.content(reader) == expected)
        try #expect(reader.scope("s0").get("key0") == expected["s0"]?["key0"])
        #expect(try reader.info().scopes == expected.count)
        try reader.close()
      }
      let store = try Store(path: copy)
      #expect(store.uuid == original.uuid)
      #expect(try content(store) == expected)
      let newest = try store.read { snapshot in
        let entries = try (0..<200).map { try snapshot["s\($0 % 3)"].entry("key\($0)") }
        let newest = entries.compactMap { $0?.revision }.max() ?? 0
        #expect(snapshot.revision >= newest)
        return newest
      }
      try store.scope("s0").set("new", 1)
      #expect(try store.scope("s0").entry("new")?.revision ?? 0 > newest)
      try store.close()
      try original.close()
      try StoreJudge(path: copy, sourceLocation: #_sourceLocation).judge()
      try expectSoundPages(copy)
    }
  }

  @Test(arguments: [["-c"], []]) func `A copy that was made beside a writer opens`(options: [String]) throws {
    let tool = try requireExecutable("mdb_copy")
    try withFilledStore { directory, path, expected in
      let store = try Store(path: path)
      let copy = directory.path(of: "copy")
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
      let copied = try run(tool, options + [path, copy])
      #expect(copied.status == 0, "\(copied.errors)")
      try store.scope("s0").set("later", 1)
      try store.close()
      let opened = try Store(path: copy)
      #expect(opened.uuid == store.uuid)
      #expect(try content(opened) == expected)
      try opened.scope("s0").set("own", 1)
      try opened.close()
      try StoreJudge(path: copy, sourceLocation: #_sourceLocation).judge()
    }
  }

  @Test func `Statistics of the scopes can be had`() throws {
    let tool = try requireExecutable("mdb_stat")
    try withFilledStore { _, path, _ in
      let all = try run(tool, ["-a", path])
      #expect(all.status == 0, "\(all.errors)")
      for name in ["lmkv", "scope:s0", "scope:unicode é/日本", "scope:large"] {
        #expect(all.output.contains("Status of \(name)\n"), "\(name)")
      }
      let one = try run(tool, ["-s", "scope:s0", path])
      #expect(one.output.contains("Entries: 67"), "\(one.output)")
    }
  }
}
