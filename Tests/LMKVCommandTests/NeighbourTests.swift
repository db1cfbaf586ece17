import Foundation
import LMKV
import Testing

/// The command beside other processes, and at the end of pipes.
@Suite struct NeighbourTests {
  @Test("Reading creates nothing, neither a store nor a file in a directory", arguments: [true, false])
  func readingCreatesNothing(_ exists: Bool) throws {
    try withDamagedStore { lmkv in
      if exists { try FileManager.default.createDirectory(atPath: lmkv.store, withIntermediateDirectories: false) }
      for verb in [
        ["info"], ["scopes"], ["get", "s", "k"], ["mget", "s", "k"], ["keys", "s"], ["scan", "s"], ["count", "s"],
        ["delete", "s", "k"], ["clear", "s"],
      ] {
        let result = try run(Command.executable, verb + ["--store", lmkv.store])
        #expect(result.status == 5, "\(verb)")
        let content = try? FileManager.default.contentsOfDirectory(atPath: lmkv.store)
        #expect(content == (exists ? [] : nil), "\(verb)")
      }
    }
  }

  @Test("Reading changes nothing in the file")
  func readingChangesNothing() throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "a", "1", "b", "2")
      let file = URL(fileURLWithPath: lmkv.store + "/data.mdb")
      let before = try Data(contentsOf: file)
      for verb in [
        ["info"], ["scopes"], ["get", "s", "a"], ["mget", "s", "a"], ["keys", "s"], ["scan", "s"], ["count", "s"],
      ] {
        #expect(try run(Command.executable, verb + ["--store", lmkv.store]).status == 0)
      }
      #expect(try Data(contentsOf: file) == before)
    }
  }

  @Test("Reading goes on while a transaction is open elsewhere, and sees what is committed")
  func besideAWriter() throws {
    try withCommand { lmkv in
      let store = try Store(path: lmkv.store)
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try store.transaction { transaction in
        try transaction[scope].set("a", 2)
        try transaction[scope].set("b", 3)
        #expect(try lmkv.output("scan", "s") == "a\t1\n")
        #expect(try lmkv.output("count", "s") == "1\n")
        #expect(try lmkv.output("info").contains("revision\t1\n"))
        #expect(try lmkv.output("scopes") == "s\t1\t4096\n")
      }
      #expect(try lmkv.output("scan", "s") == "a\t2\nb\t3\n")
      #expect(try lmkv.output("incr", "s", "a") == "3\n")
      #expect(try scope.get("a") == 3)
      try store.close()
    }
  }

  @Test("A snapshot of another process is among the readers")
  func readers() throws {
    try withCommand { lmkv in
      let store = try Store(path: lmkv.store)
      try store.scope("s").set("a", 1)
      try store.read { snapshot in
        #expect(try snapshot.scope("s").get("a") == 1)
        let readers = try #require(try Value(json: lmkv.output("info", "--json"))["readers"]?.array)
        let own = readers.filter { $0["pid"]?.int == Int(getpid()) }
        #expect(own.contains { $0["transaction"]?.int != nil })
        #expect(readers.allSatisfy { $0.map?.keys.compactMap(\.string) == ["pid", "transaction"] })
        #expect(try lmkv.output("info").contains("reader\tprocess \(getpid()), transaction "))
      }
      try store.close()
    }
  }

  @Test("Increments of many processes at once all count")
  func increments() throws {
    try withCommand { lmkv in
      let result = try lmkv.shell(
        """
        for process in 1 2 3 4; do
          (for i in 1 2 3 4 5 6 7 8 9 10; do lmkv incr counters runs > /dev/null || exit 1; done) &
        done
        wait
        """
      )
      #expect(result.status == 0 && result.errors.isEmpty)
      #expect(try lmkv.output("get", "counters", "runs") == "40\n")
    }
  }

  @Test("A pipe that closes early ends the command without a word", arguments: ["", "trap '' PIPE;"])
  func closedPipe(_ prelude: String) throws {
    try withCommand { lmkv in
      let lines = (0..<30_000).map { #"{"key":"\#($0)-\#(String(repeating: "x", count: 60))","value":1}"# }
      try lmkv.output("mset", "s", input: lines.joined(separator: "\n"))
      for verb in ["keys s", "scan s --json"] {
        let result = try lmkv.shell("\(prelude) { lmkv \(verb); echo $? >&2; } | head -1")
        #expect(result.output.hasSuffix("\n") && result.output.count { $0 == "\n" } == 1)
        #expect(result.errors.split(separator: "\n").last == "141")
        #expect(!result.errors.contains("lmkv:"))
      }
      #expect(try Value(json: lmkv.output("info", "--json"))["readers"] == [])
    }
  }

  @Test("A scope flows from store to store in one pipe, also onto itself")
  func pipes() throws {
    try withCommand { lmkv in
      let lines = (0..<2_000).map { #"{"key":"\#($0)","value":{"n":\#($0),"half":\#(Double($0) / 2)}}"# }
      try lmkv.output("mset", "s", input: lines.joined(separator: "\r\n"))
      let other = lmkv.directory.path(of: "other")
      #expect(try lmkv.shell("lmkv scan s --json | lmkv mset s --store '\(other)'").output == "2000\n")
      #expect(try lmkv.shell("lmkv scan s --json | lmkv mset s").output == "2000\n")
      #expect(try lmkv.output("scan", "s") == lmkv.output("scan", "s", "--store", other))
    }
  }

  @Test("A terminal gets tables and colours, and with NO_COLOR no colours")
  func terminal() throws {
    let script = try requireExecutable("script")
    try withCommand { lmkv in
      try lmkv.output("mset", "users", "ada", #"{"born":1815}"#, "bob", "[]")
      func screen(_ command: String, _ environment: [String: String] = [:]) throws -> String {
        let line = "'\(Command.executable)' --store '\(lmkv.store)' \(command)"
        let environment = ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 }
        let result = try run(script, ["-qec", line, "/dev/null"], environment: environment)
        return result.output.replacing("\r\n", with: "\n")
      }
      let table = "scope  entries   size\nusers        2  4 KiB\n"
      #expect(try screen("scopes", ["NO_COLOR": "1"]) == table)
      #expect(try screen("scopes", ["TERM": "dumb"]) == table)
      #expect(try screen("scopes") == "\u{1B}[1mscope  entries   size\u{1B}[0m\nusers        2  4 KiB\n")
      #expect(try screen("scan users").hasPrefix("\u{1B}[36mada\u{1B}[0m\t"))
      #expect(try screen("get users ada") == "{\n  \"born\": 1815\n}\n")
      #expect(try screen("get users ada --json").contains(#""value":{"born":1815}"#))
    }
  }
}
