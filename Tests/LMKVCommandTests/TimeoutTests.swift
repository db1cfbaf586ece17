import Foundation
import LMKV
import Testing

@Suite struct TimeoutTests {
  static let verbs: [[String]] = [
    ["set", "s", "a", "1"], ["mset", "s", "a", "1"], ["incr", "s", "n"], ["append", "s", "list", "1"],
    ["take", "s", "n"], ["delete", "s", "n"], ["clear", "s"], ["touch", "s", "n", "--expires", "1h"],
    ["persist", "s", "n"],
    ["sweep"], ["scope", "create", "t"], ["scope", "rename", "s", "t"], ["scope", "copy", "s", "t"],
    ["scope", "drop", "s"],
  ]

  private static func withWriter(_ body: (Command) throws -> Void) throws {
    try withCommand { lmkv throws in
      let store = try Store(path: lmkv.store)
      let scope = store.scope("s")
      try scope.set("n", 1)
      try scope.set("expired", 1, expires: .milliseconds(300))
      while try scope.contains("expired") { usleep(1_000) }
      let revision = try store.read(\.revision)
      try store.transaction { _ in try body(lmkv) }
      #expect(try store.read(\.revision) == revision, "something was written")
      try store.close()
    }
  }

  @Test("A verb that writes waits no longer than it may, says who writes, and exits with 3", arguments: verbs)
  func writing(verb: [String]) throws {
    try Self.withWriter { lmkv throws in
      for timeout in ["20ms", "0", "0.01"] {
        let arguments = verb + ["--timeout", timeout, "--json"]
        let result = try run(Command.executable, arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 3, "\(result)")
        #expect(result.errors.hasPrefix(#"{"error":"timedOut","#), "\(result.errors)")
        #expect(result.errors.contains("process \(getpid()) ("), "\(result.errors)")
        #expect(result.output == "")
      }
    }
  }

  @Test("Verbs that read do not wait, whatever their timeout is")
  func reading() throws {
    try Self.withWriter { lmkv throws in
      #expect(try lmkv.output("get", "s", "n", "--timeout", "0") == "1\n")
      #expect(try lmkv.output("--timeout", "0", "count", "s") == "1\n")
    }
  }

  @Test("A timeout is a duration with a unit, or seconds", arguments: ["", "x", "1x", "-1", "1e99", "s", "nan"])
  func invalid(timeout: String) throws {
    try withCommand { lmkv throws in
      #expect(try lmkv("set", "s", "a", "1", "--timeout", timeout).status == 2)
    }
  }
}
