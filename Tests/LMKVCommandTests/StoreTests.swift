import Foundation
import LMKV
import Testing

@Suite struct StoreTests {
  @Test("Stores are created, listed, renamed and deleted by their paths")
  func stores() throws {
    try withCommand { lmkv throws in
      let (first, second) = (lmkv.directory.path(of: "first"), lmkv.directory.path(of: "second"))
      let created = try Value(json: lmkv.output("store", "create", first, "--json"))
      #expect(created.map?.keys.compactMap(\.string) == ["name", "path", "uuid"])
      #expect(created["name"] == "first" && created["path"] == .string(first))
      try lmkv.output("set", "s", "k", "1", "--store", first)
      let again = try lmkv("store", "create", first, "--json")
      #expect(again.status == 1 && again.stdout.isEmpty)
      #expect(try Value(json: again.errors)["error"] == "storeExists")

      let line = try Value(json: lmkv.output("store", "list", lmkv.directory.path, "--json"))
      #expect(
        line.map?.keys.compactMap(\.string) == ["name", "path", "uuid", "revision", "bytes", "inUse", "problem"]
      )
      #expect(line["uuid"] == created["uuid"] && line["revision"] == 1 && line["inUse"] == false)
      #expect(line["problem"] == .some(.null))
      // Without an argument, those around the store that is named; it need not exist.
      #expect(try lmkv.output("store", "list") == lmkv.output("store", "list", lmkv.directory.path))
      #expect(try lmkv.output("store", "list").hasSuffix("\tfree\n"))

      #expect(try lmkv.output("store", "rename", first + "/", "second").isEmpty)
      #expect(try lmkv.output("get", "s", "k", "--store", second) == "1\n")
      try lmkv.output("store", "create", first)
      #expect(try lmkv("store", "rename", first, "second").status == 1)
      #expect(
        try lmkv.output("store", "rename", second, "third", "--json")
          == #"{"from":"second","to":"third","path":"\#(lmkv.directory.path(of: "third"))"}"# + "\n"
      )
      #expect(try lmkv.output("store", "delete", first).isEmpty)
      let third = lmkv.directory.path(of: "third")
      #expect(
        try lmkv.output("--json", "store", "delete", third) == #"{"name":"third","path":"\#(third)"}"# + "\n"
      )
      #expect(try lmkv.output("store", "list").isEmpty)
      for arguments in [["delete", third], ["rename", third, "fourth"], ["create", third + "/deeper"]] {
        #expect(try run(Command.executable, ["store"] + arguments).status == 5, "\(arguments)")
      }
    }
  }

  @Test("3: a store that a process has open is neither renamed nor deleted, unless by force")
  func inUse() throws {
    try withDamagedStore { lmkv throws in
      let store = try Store(path: lmkv.store)
      try store.scope("s").set("k", 1)
      #expect(try lmkv.output("store", "list").hasSuffix("\tin use\n"))
      for arguments in [["rename", lmkv.store, "other"], ["delete", lmkv.store]] {
        let result = try run(Command.executable, ["store", "--json"] + arguments)
        #expect(result.status == 3, "\(arguments)")
        #expect(try Value(json: result.errors)["error"] == "storeInUse")
      }
      #expect(try lmkv.output("get", "s", "k") == "1\n")
      try lmkv.output("store", "delete", lmkv.store, "--force")
      #expect(!FileManager.default.fileExists(atPath: lmkv.store))
      #expect(try store.scope("s").get("k") == 1)
      try store.close()
    }
  }

  @Test("A store that cannot be read is listed with its problem")
  func problem() throws {
    try withDamagedStore { lmkv throws in
      try lmkv.output("set", "s", "k", "1")
      try Data("text".utf8).write(to: URL(fileURLWithPath: lmkv.store + "/data.mdb"))
      #expect(try lmkv.output("store", "list").hasPrefix("store\t4\tnotAStore"))
      let line = try Value(json: lmkv.output("store", "list", "--json"))
      #expect(line["uuid"] == .some(.null) && line["revision"] == .some(.null))
      #expect(line["problem"]["error"] == "notAStore" && line["problem"]["message"]?.string != nil)
    }
  }

  @Test("Which store is meant is said once, and has a name")
  func paths() throws {
    try withCommand { lmkv throws in
      for arguments in [
        ["create"], ["delete"], ["rename", lmkv.store], ["create", lmkv.store, "--store", lmkv.store],
        ["delete", "/"], ["delete", ".."], ["delete", lmkv.directory.path + "/.."], ["create", ""],
        ["rename", lmkv.store, "a/b"], ["list", ".", "--store", lmkv.store],
      ] {
        let result = try run(Command.executable, ["store"] + arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 2, "\(arguments)")
      }
      #expect(try run(Command.executable, ["store", "list"], environment: ["LMKV_STORE": ""]).status == 2)
      #expect(try lmkv("store", "list", lmkv.directory.path(of: "absent")).status == 5)
      // A path without a slash is in the working directory.
      let script = "cd '\(lmkv.directory.path)' && lmkv store create here && lmkv store rename here there"
      #expect(try lmkv.shell("\(script) && LMKV_STORE=there lmkv store list | cut -f 1").output == "there\n")
    }
  }
}
