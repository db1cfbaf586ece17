import Foundation
import LMKV
import Testing

/// What `--json` prints is a promise: other programs read it.
@Suite struct SchemaTests {
  @Test("Every verb that writes prints one object")
  func writing() throws {
    try withCommand { lmkv throws in
      #expect(
        try lmkv.output("set", "s", "k", "v", "--json")
          == #"{"scope":"s","key":"k","revision":1,"expires":null}"# + "\n"
      )
      #expect(try lmkv.output("mset", "s", "a", "1", "b", "2", "--json") == #"{"scope":"s","written":2}"# + "\n")
      #expect(
        try lmkv.output("incr", "s", "a", "--json")
          == #"{"scope":"s","key":"a","value":2,"revision":3,"expires":null}"# + "\n"
      )
      #expect(
        try lmkv.output("incr", "s", "half", "0.5", "--json")
          == #"{"scope":"s","key":"half","value":0.5,"revision":4,"expires":null}"# + "\n"
      )
      #expect(
        try lmkv.output("delete", "s", "a", "--json") == #"{"scope":"s","removed":1,"absent":[]}"# + "\n"
      )
      #expect(
        try lmkv.output("delete", "s", "--prefix", "b", "--json") == #"{"scope":"s","removed":1,"absent":[]}"# + "\n"
      )
      #expect(
        try lmkv.output("append", "s", "list", "1", "b", "--json")
          == #"{"scope":"s","key":"list","count":2,"revision":7,"expires":null}"# + "\n"
      )
      #expect(
        try lmkv.output("take", "s", "list", "--json")
          == #"{"scope":"s","key":"list","value":[1,"b"],"revision":7,"expires":null}"# + "\n"
      )
      #expect(
        try lmkv.output("mset", "s", "c", "1", "--if-absent", "--json")
          == #"{"scope":"s","written":1,"present":[]}"# + "\n"
      )
      #expect(
        try lmkv.output("touch", "s", "c", "--expires", "1h", "--json")
          == #"{"scope":"s","touched":1,"absent":[]}"# + "\n"
      )
      #expect(try lmkv.output("persist", "s", "c", "--json") == #"{"scope":"s","persisted":1,"absent":[]}"# + "\n")
      #expect(
        try lmkv.output("ttl", "s", "c", "--json") == #"{"scope":"s","key":"c","ttl":null,"expires":null}"# + "\n"
      )
      #expect(try lmkv.output("sweep", "--json") == #"{"removed":0,"more":false}"# + "\n")
      #expect(try lmkv.output("clear", "s", "--json") == #"{"scope":"s","removed":3}"# + "\n")
      #expect(try lmkv.output("clear", "never", "--json") == #"{"scope":"never","removed":0}"# + "\n")
    }
  }

  @Test("Every verb that reads prints one object, or one a line")
  func reading() throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "a", "null", "\"\\n\"", "[1.0]")
      try lmkv.output("set", "t", "a", "")
      let entry = #"{"key":"a","value":null,"revision":1,"expires":null}"#
      #expect(
        try lmkv.output("--json", "get", "s", "a")
          == #"{"scope":"s","key":"a","value":null,"revision":1,"expires":null}"# + "\n"
      )
      #expect(try lmkv.output("mget", "s", "--json", "a", "a") == "\(entry)\n\(entry)\n")
      #expect(
        try lmkv.output("scan", "s", "--json")
          == #"{"key":"\n","value":[1.0],"revision":1,"expires":null}"# + "\n\(entry)\n"
      )
      #expect(try lmkv.output("keys", "s", "--json") == #"{"key":"\n"}"# + "\n" + #"{"key":"a"}"# + "\n")
      #expect(try lmkv.output("count", "s", "--json") == #"{"scope":"s","count":2}"# + "\n")
      #expect(
        try lmkv.output("scopes", "--json")
          == #"{"name":"s","entries":2,"bytes":4096}"# + "\n" + #"{"name":"t","entries":1,"bytes":4096}"# + "\n"
      )
    }
  }

  @Test("The object of info agrees with the library and the file")
  func info() throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "a", "1", "b", "2")
      try lmkv.output("set", "t", "a", "1")
      let info = try Value(json: lmkv.output("info", "--json"))
      let names = info.map?.keys.compactMap(\.string)
      #expect(
        names == [
          "path", "state", "inUse", "uuid", "format", "revision", "lmdb", "file", "pages", "map", "scopes", "entries",
          "maxReaders", "readers",
        ]
      )
      let store = try Store(path: lmkv.store)
      defer { _ = try? store.close() }
      #expect(info["path"] == .string(lmkv.store))
      #expect(info["state"] == "clean" && info["inUse"] == false)
      #expect(info["uuid"] == .string(store.uuid.uuidString))
      #expect(info["format"] == 2 && info["revision"] == 2 && info["scopes"] == 2 && info["entries"] == 3)
      #expect(info["lmdb"]?.map?.keys.compactMap(\.string) == ["version", "format"])
      #expect(info["lmdb"]["format"] == 1)
      let attributes = try FileManager.default.attributesOfItem(atPath: lmkv.store + "/data.mdb")
      let size = try #require(attributes[.size] as? Int)
      #expect(info["file"]["bytes"]?.int == size)
      #expect(try #require(info["file"]["allocated"]?.int) > 0)
      let pages = try #require(info["pages"])
      #expect(try #require(pages["used"]?.int) > 0)
      #expect(try (#require(pages["used"]?.int) + #require(pages["free"]?.int)) * #require(pages["bytes"]?.int) <= size)
      #expect(info["readers"] == [])
    }
  }

  @Test("An expiry is a date in whole milliseconds")
  func expiry() throws {
    try withCommand { lmkv in
      let store = try Store(path: lmkv.store)
      let moment = Date(timeIntervalSince1970: 4_102_444_800.123)
      try store.scope("s").set("k", 1, expires: .at(moment))
      try store.close()
      let entry = #""key":"k","value":1,"revision":1,"expires":{"$date":4102444800123}}"#
      #expect(try lmkv.output("get", "s", "k", "--json") == #"{"scope":"s","# + entry + "\n")
      #expect(try lmkv.output("scan", "s", "--json") == "{" + entry + "\n")
    }
  }

  @Test("Free pages are those that a removal freed")
  func freePages() throws {
    try withCommand { lmkv in
      func pages() throws -> (used: Int, free: Int) {
        let pages = try Value(json: lmkv.output("info", "--json"))["pages"]
        return (try #require(pages["used"]?.int), try #require(pages["free"]?.int))
      }
      try lmkv.output("set", "s", "large", "-", "--string", input: String(repeating: "x", count: 1 << 20))
      let full = try pages()
      try lmkv.output("delete", "s", "large")
      let empty = try pages()
      #expect(full.used - empty.used >= 256)
      #expect(empty.free - full.free >= 256)
    }
  }

  @Test("Errors are objects on the standard error, and the standard output stays empty")
  func errors() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "k", "word")
      for (arguments, code) in [
        (["get", "s", "absent"], "keyNotFound"), (["get", "s"], "usage"), (["frob"], "usage"),
        (["get", "s", ""], "emptyKey"),
        (["get", "", "k"], "invalidName"), (["incr", "s", "k"], "typeMismatch"), (["set", "s", "k", "[1"], "usage"),
        (["incr", "s", "k", "0.5"], "typeMismatch"), (["append", "s", "k", "1"], "typeMismatch"),
        (["ttl", "s", "absent"], "keyNotFound"), (["take", "s", "absent"], "keyNotFound"),
        (["set", "s", "k", "1", "--expires", "0s"], "invalidArgument"),
        (["set", "s", "k", "1", "--expires", "5"], "usage"), (["scope", "drop", "absent"], "scopeNotFound"),
        (["scope", "create", "s"], "scopeExists"), (["scope", "rename", "s", "s"], "scopeExists"),
        (["keys", "s", "--store", lmkv.store + "/absent"], "notFound"),
      ] {
        let result = try run(Command.executable, ["--json", "--store", lmkv.store] + arguments)
        #expect(result.stdout.isEmpty, "\(arguments)")
        let error = try Value(json: result.errors)
        #expect(error.map?.keys.compactMap(\.string) == ["error", "message"])
        #expect(error["error"]?.string == code, "\(arguments)")
        #expect(error["message"]?.string?.isEmpty == false)
      }
    }
  }
}
