import Foundation
import Testing

/// Another process: the driver, in one of its roles. It is killed when the value goes.
final class Driver {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()

  init(_ command: String, _ path: String, _ arguments: String...) throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "ControlPageDriver")
    process.arguments = [command, path] + arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    // The other end is the child's alone, so that its death is the end of what it says.
    try output.fileHandleForWriting.close()
  }

  var processID: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

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

  @discardableResult func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  func signal(_ number: Int32) {
    Foundation.kill(processID, number)
  }

  /// `kill -9`.
  func kill() {
    signal(SIGKILL)
    process.waitUntilExit()
  }

  deinit {
    if process.isRunning { kill() }
  }
}

/// Waits until something is so. The condition may take that long only because the machine is busy.
func eventually(
  _ what: Comment,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ isSo: () -> Bool
) throws {
  let end = ContinuousClock.now + .seconds(60)
  while !isSo() {
    try #require(ContinuousClock.now < end, what, sourceLocation: sourceLocation)
    usleep(1_000)
  }
}
