import Foundation
import Testing

/// Another process: the driver, in one of its roles.
final class Driver {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()

  init(_ command: String, _ directory: TestDirectory, _ argument: String = "") throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "LMDBTestDriver")
    process.arguments = [command, directory.store, argument]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  var processID: Int32 { process.processIdentifier }

  /// The next line that it says, or nil at its end.
  func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        defer { buffer.removeSubrange(...end) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      buffer.append(more)
    }
  }

  /// Waits until it says a certain line.
  func expect(_ word: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let line = line()
    try #require(line == word, sourceLocation: sourceLocation)
  }

  /// Tells it to go on.
  func goOn() throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
  }

  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// `kill -9`.
  func kill() {
    Foundation.kill(processID, SIGKILL)
    process.waitUntilExit()
  }

  deinit {
    if process.isRunning { kill() }
  }
}
