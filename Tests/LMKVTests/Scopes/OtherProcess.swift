import Foundation
import LMKV
import Testing

/// Another process that has a store open and does what it is told. It is killed when the value goes.
final class OtherProcess {
  private let process = Process()
  private let ended: DispatchSemaphore
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()

  init(_ path: String) throws {
    process.executableURL = try Self.executable
    process.arguments = [path]
    process.standardInput = input
    process.standardOutput = output
    ended = try process.runSignalling()
    // The other ends are the child's alone, so that its death is the end of what it says.
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
    try #require(line() == "open")
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    ended.wait()
  }

  /// Tells it something, and returns its answer.
  func ask(_ words: String...) throws -> String {
    try tell(words)
    return try answer()
  }

  /// Tells it something that takes long; ``answer()`` waits for its end.
  func tell(_ words: [String]) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((words.joined(separator: " ") + "\n").utf8))
  }

  func answer() throws -> String {
    try #require(line(), "the other process has ended")
  }

  /// Lets it close the store and end.
  func finish() throws {
    try input.fileHandleForWriting.close()
    ended.wait()
    ended.signal()
    #expect(process.terminationStatus == 0)
  }

  private func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      buffer.append(more)
    }
  }

  /// The driver is built beside the tests, wherever these are.
  private static var executable: URL {
    get throws {
      let anchors = [URL(fileURLWithPath: CommandLine.arguments[0]), Bundle(for: OtherProcess.self).bundleURL]
      let places = anchors.map { $0.deletingLastPathComponent() }
      let candidates = (places + places.map { $0.deletingLastPathComponent() }).map {
        $0.appendingPathComponent("LMKVScopesDriver")
      }
      return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
    }
  }
}

/// Runs a body with a new store in a directory of its own. Syncs are not what these tests are about.
func withFreshStore<R>(_ change: (inout Store.Configuration) -> Void = { _ in }, _ body: (Store) throws -> R) throws
  -> R
{
  try withTemporaryDirectory { directory in
    let store = try freshStore(directory, change)
    defer { #expect(throws: Never.self) { try store.close() } }
    return try body(store)
  }
}

/// Runs an asynchronous body with a new store in a directory of its own.
func withFreshStore<R>(
  isolation: isolated (any Actor)? = #isolation,
  _ change: (inout Store.Configuration) -> Void = { _ in },
  _ body: (Store) async throws -> R
) async throws -> R {
  try await withTemporaryDirectory { directory in
    let store = try freshStore(directory, change)
    defer { #expect(throws: Never.self) { try store.close() } }
    return try await body(store)
  }
}

private func freshStore(_ directory: TemporaryDirectory, _ change: (inout Store.Configuration) -> Void) throws -> Store
{
  var configuration = Store.Configuration(durability: .relaxed())
  change(&configuration)
  return try Store(path: directory.path(of: "store"), configuration: configuration)
}
