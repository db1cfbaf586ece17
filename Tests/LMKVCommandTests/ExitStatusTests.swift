import Foundation
import LMDB
import LMKV
import Testing

@Suite struct ExitStatusTests {
  @Test("1: what is asked for is not there, or not so")
  func notFound() throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "word", "x", "null", "null", "largest", "9223372036854775807")
      #expect(try lmkv("get", "s", "absent").status == 1)
      #expect(try lmkv("get", "absent", "word").status == 1)
      #expect(try lmkv("get", "s", "null").status == 0)
      let some = try lmkv("mget", "s", "absent", "null")
      #expect(some.status == 1 && some.output == "null\tnull\n" && some.errors.contains(#""absent""#))
      #expect(try lmkv("incr", "s", "word").status == 1)
      #expect(try lmkv("incr", "s", "largest").status == 1)
      #expect(try lmkv("incr", "s", "null").status == 1)
      #expect(try lmkv.output("get", "s", "largest") == "9223372036854775807\n")
      let removal = try lmkv("delete", "s", "absent", "word")
      #expect(removal.status == 1 && removal.output == "1\n" && removal.errors.contains("Removed 1 of 2"))
      #expect(try lmkv("delete", "s", "--prefix", "absent").status == 1)
      #expect(try lmkv.output("count", "s") == "2\n")
    }
  }

  @Test("0: a scope that does not exist is empty")
  func emptyScope() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "k", "1")
      #expect(try lmkv.output("keys", "absent").isEmpty)
      #expect(try lmkv.output("scan", "absent").isEmpty)
      #expect(try lmkv.output("count", "absent") == "0\n")
      #expect(try lmkv.output("clear", "absent") == "0\n")
      #expect(try lmkv.output("scopes") == "s\t1\t4096\n")
    }
  }

  @Test("2: the call is wrong, and says how it is right")
  func usage() throws {
    try withDamagedStore { lmkv in
      for arguments in [
        ["frob"], ["get"], ["get", "s"], ["get", "s", "k", "more"], ["get", "s", "k", "--frob"],
        ["keys", "s", "--limit", "x"],
        ["keys", "s", "--limit", "-1"], ["incr", "s", "k", "word"], ["incr", "s", "k", "9223372036854775808"],
        ["mset", "s", "a"], ["set", "s", "k", "v", "--string", "--bytes"], ["get", "s", "k", "--raw", "--json"],
      ] {
        let result = try run(Command.executable, arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 2, "\(arguments)")
        #expect(result.stdout.isEmpty && !result.stderr.isEmpty, "\(arguments)")
      }
      let nameless = try lmkv("info", environment: ["LMKV_STORE": ""])
      #expect(nameless.status == 2 && nameless.errors.contains("--store"))
      #expect(!FileManager.default.fileExists(atPath: lmkv.store))
    }
  }

  @Test("2: a line of mset is wrong, and nothing is written")
  func wrongLine() throws {
    try withCommand { lmkv in
      for line in ["[1]", "{}", #"{"key":1,"value":1}"#, #"{"key":"k"}"#, #"{"key":"","value":1}"#, "{", "word"] {
        let result = try lmkv("mset", "s", input: #"{"key":"a","value":1}"# + "\n\n" + line + "\n")
        #expect(result.status == 2, "\(line)")
        if !line.contains(#""""#) { #expect(result.errors.contains("ine 3"), "\(line)") }
        #expect(try lmkv.output("count", "s") == "0\n")
      }
    }
  }

  @Test("2: a value over the limit is refused")
  func tooLarge() throws {
    try withCommand { lmkv in
      let input = String(repeating: "x", count: 64 << 20)
      let result = try lmkv("set", "s", "k", "-", "--string", input: input)
      #expect(result.status == 2)
      #expect(result.errors.contains("67108864"))
      #expect(try lmkv.output("count", "s") == "0\n")
      try lmkv.output("set", "s", "k", "-", "--bytes", input: String(input.dropLast(5)))
    }
  }

  @Test("3: another process opens the store and does not get done")
  func busy() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "k", "1")
      let descriptor = open(lmkv.store + "/open.lock", O_RDWR | O_CLOEXEC)
      try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
      defer { close(descriptor) }
      // As whoever has the lock says it.
      let name = "4711 1700000000000000000 sleeper\n"
      #expect(pwrite(descriptor, name, name.utf8.count, 7) == name.utf8.count)
      let result = try lmkv("get", "s", "k", "--json")
      #expect(result.status == 3)
      let error = try Value(json: result.errors)
      #expect(error["error"] == "busy")
      let message = try #require(error["message"]?.string)
      #expect(message.contains("process 4711 (sleeper) has held \(lmkv.store)/open.lock for "))
    }
  }

  @Test("4: the file is cut short, is something else, or is of LMDB 1.0")
  func corrupted() throws {
    try withDamagedStore { lmkv in
      let lines = (0..<5_000).map { #"{"key":"\#($0)","value":"some text"}"# }
      try lmkv.output("mset", "s", input: lines.joined(separator: "\n"))
      let file = URL(fileURLWithPath: lmkv.store + "/data.mdb")
      let sound = try Data(contentsOf: file)
      var newer = Data(count: 8_192)
      newer.replaceSubrange(24..<28, with: [0xDE, 0xC0, 0xEF, 0xBE])
      for (bytes, code) in [
        (sound.prefix(12_288), "truncated"), (Data("SQLite format 3".utf8) + Data(count: 8_192), "notAStore"),
        (newer, "unsupportedFormat"),
      ] {
        try bytes.write(to: file)
        for verb in [["keys", "s"], ["info"], ["incr", "s", "0"]] {
          let result = try run(Command.executable, verb + ["--json", "--store", lmkv.store])
          #expect(result.status == 4, "\(code) \(verb)")
          #expect(try Value(json: result.errors)["error"]?.string == code)
        }
      }
      try sound.write(to: file)
      #expect(try lmkv.output("count", "s") == "5000\n")
    }
  }

  @Test("4: an LMDB environment of another program is no store, and stays as it is")
  func foreignEnvironment() throws {
    try withDamagedStore { lmkv in
      do {
        let environment = try Environment.open(lmkv.store)
        try environment.write { try $0.put("world", for: "hello", in: environment.mainDatabase) }
      }
      for verb in [["keys", "s"], ["set", "s", "k", "v"]] {
        let result = try run(Command.executable, verb + ["--json", "--store", lmkv.store])
        #expect(result.status == 4)
        #expect(try Value(json: result.errors)["error"] == "notAStore")
      }
    }
  }

  @Test("5: the store is absent, a file, or not for us")
  func inputOutput() throws {
    try withDamagedStore { lmkv in
      func code(_ store: String, _ verb: [String]) throws -> String? {
        let result = try run(Command.executable, verb + ["--json", "--store", store])
        #expect(result.status == 5, "\(store) \(verb)")
        return try Value(json: result.errors)["error"]?.string
      }
      #expect(try code(lmkv.store, ["get", "s", "k"]) == "notFound")
      #expect(try code(lmkv.store, ["delete", "s", "k"]) == "notFound")
      #expect(try code(lmkv.store + "/deeper", ["set", "s", "k", "v"]) == "notFound")
      try Data("text".utf8).write(to: URL(fileURLWithPath: lmkv.store))
      for verb in [["info"], ["set", "s", "k", "v"]] { #expect(try code(lmkv.store, verb) == "notADirectory") }
      #if os(Linux)
        // Nobody may create anything there, not even root.
        #expect(try code("/proc/store", ["set", "s", "k", "v"]) != nil)
      #endif
      guard geteuid() != 0 else { return }
      let closed = lmkv.directory.path(of: "closed")
      try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: false)
      chmod(closed, 0)
      #expect(try code(closed + "/store", ["set", "s", "k", "v"]) == "permissionDenied")
      chmod(closed, 0o700)
    }
  }

  @Test("5: the standard output is full")
  func fullOutput() throws {
    #if os(Linux)
      try withCommand { lmkv in
        try lmkv.output("set", "s", "k", "1")
        let result = try lmkv.shell("lmkv get s k > /dev/full")
        #expect(result.status == 5 && result.errors.contains("standard output"))
      }
    #endif
  }
}
