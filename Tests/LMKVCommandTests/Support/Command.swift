import Foundation
import LMKV
import Testing

/// The built command, on a store of the test's own.
struct Command: Sendable {
  /// The directory around the store. The store itself is created by the first verb that writes.
  let directory: TemporaryDirectory

  var store: String { directory.path(of: "store") }

  /// The executable, which is built beside the tests.
  static let executable: String = {
    #if os(Linux)
      let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    #else
      let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundlePath ?? ""
    #endif
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "lmkv").path
  }()

  /// Runs a verb with `LMKV_STORE` set, as people do.
  func callAsFunction(
    _ arguments: String...,
    input: String = "",
    environment: [String: String] = [:]
  ) throws -> ProcessResult {
    let environment = ["LMKV_STORE": store].merging(environment) { $1 }
    return try run(Self.executable, arguments, input: Data(input.utf8), environment: environment)
  }

  /// Runs a verb that must succeed and say nothing on the standard error. Returns what it printed.
  @discardableResult
  func output(_ arguments: String..., input: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
    -> String
  {
    let result = try run(
      Self.executable,
      arguments,
      input: Data(input.utf8),
      environment: ["LMKV_STORE": store]
    )
    #expect(result.errors.isEmpty, sourceLocation: sourceLocation)
    #expect(result.status == 0, sourceLocation: sourceLocation)
    return result.output
  }

  /// Runs a shell script in which `lmkv` is the command.
  func shell(_ script: String) throws -> ProcessResult {
    let path = URL(fileURLWithPath: Self.executable).deletingLastPathComponent().path
    let rest = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let shell = try requireExecutable("sh")
    return try run(shell, ["-c", script], environment: ["LMKV_STORE": store, "PATH": "\(path):\(rest)"])
  }
}

/// Gives a test its own store, and reads every entry of it at the end.
func withCommand<R>(_ body: (Command) throws -> R) throws -> R {
  try withTemporaryDirectory { directory in
    let command = Command(directory: directory)
    let result = try body(command)
    guard FileManager.default.fileExists(atPath: command.store + "/data.mdb") else { return result }
    let store = try Store(path: command.store)
    try store.read { snapshot in
      for name in try snapshot.scopes {
        let view = snapshot[name]
        var count = 0
        try view.fullEntries().forEach { _ in count += 1 }
        #expect(try view.count() == count)
      }
    }
    try store.close()
    return result
  }
}

/// For tests that damage their store on purpose.
func withDamagedStore<R>(_ body: (Command) throws -> R) throws -> R {
  try withTemporaryDirectory { try body(Command(directory: $0)) }
}
