import Foundation
import Testing

/// Another process that uses a store: the driver, in one of its roles. It is killed when the value goes.
final class DriverProcess {
  private let process = Process()

  var processID: Int32 { process.processIdentifier }
  private let ended: DispatchSemaphore
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()

  convenience init(_ role: String, _ path: String, _ arguments: String...) throws {
    try self.init(role, path, arguments)
  }

  init(_ role: String, _ path: String, _ arguments: [String]) throws {
    process.executableURL = try Self.executable("LMKVTestDriver")
    process.arguments = [role, path] + arguments
    process.standardInput = input
    process.standardOutput = output
    ended = try process.runSignalling()
    // The other end is the child's alone, so that its death is the end of what it says.
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
  }

  deinit {
    kill()
  }

  /// An executable of this package: it is built beside the tests, wherever these are.
  static func executable(_ name: String) throws -> URL {
    let anchor = Bundle(for: DriverProcess.self).bundleURL
    let places = [URL(fileURLWithPath: CommandLine.arguments[0]), anchor].map { $0.deletingLastPathComponent() }
    let candidates = (places + places.map { $0.deletingLastPathComponent() }).map { $0.appendingPathComponent(name) }
    return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
  }

  /// What it has said and was not read yet. Waits for something; empty when it has ended.
  func availableData() -> Data {
    defer { buffer.removeAll() }
    return buffer.isEmpty ? output.fileHandleForReading.availableData : buffer
  }

  /// The next line that it says. Nil when it has ended.
  func line() -> String? {
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

  /// Gives it a line, and returns its answer.
  func ask(_ line: String) throws -> String? {
    try tell(line)
    return self.line()
  }

  /// Gives it a line.
  func tell(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Waits for a line that it must say.
  func expect(_ expected: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let line = line()
    try #require(line == expected, sourceLocation: sourceLocation)
  }

  /// Waits until it has ended. The exit status, or the negated number of the signal that ended it.
  @discardableResult
  func wait() -> Int32 {
    ended.wait()
    ended.signal()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// Ends what it reads, which a role that obeys takes as the end.
  func finish() -> Int32 {
    try? endInput()
    return wait()
  }

  /// The same, without waiting for the end.
  func endInput() throws { try input.fileHandleForWriting.close() }

  var isRunning: Bool { process.isRunning }

  /// `kill -9`, at once.
  func kill() {
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    wait()
  }
}
