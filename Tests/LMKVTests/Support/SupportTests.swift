import Foundation
import Synchronization
import Testing

@Suite struct SupportTests {
  @Test func `A seed gives the same numbers everywhere`() {
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }

  @Test(.disabled(if: ProcessInfo.processInfo.environment["LMKV_KEEP"] != nil))
  func `A temporary directory goes with its body, also when that throws`() throws {
    var path = ""
    #expect(throws: CancellationError.self) {
      try withTemporaryDirectory { directory in
        path = directory.path
        try Data("x".utf8).write(to: directory.url.appendingPathComponent("file"))
        #expect(FileManager.default.fileExists(atPath: path))
        throw CancellationError()
      }
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `A failure names the seed that replays it`() async throws {
    let comments = Mutex<[String]>([])
    let collecting = IssueHandlingTrait.compactMapIssues { issue in
      comments.withLock { $0 += issue.comments.map(\.rawValue) }
      return nil
    }
    try await collecting.provideScope(for: try #require(Test.current), testCase: Test.Case.current) {
      try await withSeed { _ in Issue.record("recorded") }
      await #expect(throws: CocoaError.self) {
        try await withSeed { _ in throw CocoaError(.fileNoSuchFile) }
      }
    }
    #expect(comments.withLock { $0.count { $0.hasPrefix("LMKV_SEED=") } } == 2)
  }

  @Test func `A program with much to read and to say does not block`() throws {
    let input = Data(repeating: 0x61, count: 4 << 20)
    let result = try run(requireExecutable("sh"), ["-c", "tee /dev/stderr; exit 7"], input: input)
    #expect(result.status == 7)
    // The difference of two collections, which a failed comparison works out, takes minutes at this size.
    let same = result.stdout == input && result.stderr == input
    #expect(same)
  }

  @Test func `A program may leave its input unread, and die of a signal`() throws {
    let shell = try requireExecutable("sh")
    #expect(try run(shell, ["-c", "exit 0"], input: Data(count: 1 << 20)).status == 0)
    #expect(try run(shell, ["-c", "kill -9 $$"]).status == -SIGKILL)
    #expect(try run(shell, ["-c", "kill -TERM $$; exit 3"]).status == -SIGTERM)
  }

  @Test func `A program that does not end is killed`() throws {
    let shell = try requireExecutable("sh")
    #expect(throws: ProcessTimeout.self) { try run(shell, ["-c", "exec sleep 100"], timeout: .milliseconds(100)) }
  }

  @Test func `Python gets its arguments and its input`() throws {
    let script = "import sys; print(sys.argv[1:], sys.stdin.read())"
    let result = try python(script, ["a", "b c"], modules: ["json"], input: Data("in".utf8))
    #expect(result.output == "['a', 'b c'] in\n")
    #expect(result.errors.isEmpty)
  }
}
