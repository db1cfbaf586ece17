import Foundation
import LMKV
import Testing

/// Processes that see each other's files but not each other's IDs, as containers with a common volume do. Defect C6.
@Suite struct NamespaceTests {
  /// Runs a shell's command in a PID namespace of its own. `$0` is the driver, `$1` the path of the store.
  private func runElsewhere(_ command: String, _ path: String) throws -> ProcessResult {
    let unshare = try requireExecutable("unshare")
    guard try run(unshare, ["--pid", "--fork", "true"]).status == 0 else {
      try Test.cancel("the system lets this process make no PID namespace")
    }
    let driver = try DriverProcess.executable("LMKVTestDriver").path
    return try run(unshare, ["--pid", "--fork", "sh", "-c", command, driver, path])
  }

  @Test func `A process of another PID namespace is refused while others have the store open, and welcome afterwards`()
    throws
  {
    try withStorePath { path in
      let store = try Store(path: path)
      try store.scope("counters").set("n", 0)
      #expect(try runElsewhere("$0 increment $1 1", path).output == "error otherNamespace\n")
      try store.scope("counters", of: Int.self).increment("n")
      try store.close()
      let result = try runElsewhere("$0 increment $1 10", path)
      #expect(result.status == 0 && result.output == "", "\(result.output)\(result.errors)")
      let again = try Store(path: path)
      try #expect(again.scope("counters", of: Int.self).get("n") == 11)
      try again.close()
    }
  }

  @Test func `A store whose writer in another PID namespace was killed is recovered`() throws {
    try withStorePath { path in
      let first = try Store(path: path)
      try first.scope("counters").set("n", 0)
      try first.close()
      let said = path + ".said"
      let result = try runElsewhere(
        ": > $1.said; $0 storm $1 full > $1.said & while [ $(wc -l < $1.said) -lt 30 ]; do sleep 0.01; done; kill -9 $!; wait $!; true",
        path
      )
      #expect(result.status == 0, "\(result.errors)")
      let lines = try String(contentsOfFile: said, encoding: .utf8).split(separator: "\n")
      let store = try Store(path: path)
      let present = try store.scope("counters", of: Int.self).require("n")
      let last = try #require(lines.last.flatMap { Int($0) })
      #expect((last...last + 1).contains(present))
      try store.close()
    }
  }
}
