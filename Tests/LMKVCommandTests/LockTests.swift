import Foundation
import Testing

@Suite struct LockCommandTests {
  @Test("A command runs with the lock, and its exit status is passed on")
  func status() throws {
    try withCommand { lmkv throws in
      #expect(try lmkv("lock", "l", "--", "sh", "-c", "exit 7").status == 7)
      #expect(try lmkv("lock", "l", "--", "sh", "-c", "kill -9 $$").status == 137)
      #expect(try lmkv("lock", "l", "--", "no such command").status == 127)
      #expect(try lmkv.output("lock", "l", "--", "echo", "-5", "--json") == "-5 --json\n")
      #expect(try lmkv("lock", "l").status == 2)
      #expect(try lmkv("lock", "l", "--timeout", "x", "--", "true").status == 2)
      #expect(try lmkv("lock", "l", "--shared-permits", "0", "--", "true").status == 2)
      #expect(try lmkv.output("scopes") == "")
      #expect(try lmkv.output("locks") == "")
    }
  }

  @Test("Who does not get the lock in time says who has it, and exits with 3")
  func timeout() throws {
    try withCommand { lmkv throws in
      let script = "lmkv lock l -- sh -c 'lmkv lock l --timeout 0.01 --json -- echo never; echo $?; lmkv locks'"
      let result = try lmkv.shell(script)
      #expect(result.errors.hasPrefix(#"{"error":"timedOut","message":"The lock \"l\""#), "\(result.errors)")
      #expect(result.output.hasPrefix("3\nlock\tl\tholds\t"), "\(result.output)")
    }
  }

  @Test("Of many commands that read, change and write a file, none loses a change")
  func counting() throws {
    try withCommand { lmkv throws in
      let file = lmkv.directory.path(of: "n")
      let step = "lmkv lock n -- sh -c 'n=$(cat \(file)); echo $((n + 1)) > \(file)'"
      let script =
        "echo 0 > \(file); for i in 1 2 3 4 5 6; do (for j in 1 2 3 4 5; do \(step); done) & done; wait; cat \(file)"
      let result = try lmkv.shell(script)
      #expect(result.output == "30\n", "\(result.errors)")
    }
  }

  @Test("Of a semaphore so many commands run at once as it has permits")
  func permits() throws {
    try withCommand { lmkv throws in
      let inner = "lmkv lock s --shared-permits 2 --timeout 0 -- echo"
      let script =
        "lmkv lock s --shared-permits 2 -- sh -c '\(inner) two; lmkv lock s --shared-permits 2 -- \(inner) three'"
      let result = try lmkv.shell(script)
      #expect(result.output == "two\n" && result.status == 3, "\(result.output)\(result.errors)")
      #expect(try lmkv("lock", "s", "--shared-permits", "3", "--", "true").status == 0)
    }
  }
}
