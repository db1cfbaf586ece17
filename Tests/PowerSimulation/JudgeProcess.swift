import Foundation

/// A process that opens images and says what is wrong with them. A broken image may kill it; then there is another.
public final class JudgeProcess {
  private let driver: String
  private let arguments: [String]
  private var process: Process?
  private var input = Pipe()
  private var output = Pipe()
  private var buffer = Data()

  public init(driver: String, mode: Workload.Mode, seed: UInt64, trace: String) {
    self.driver = driver
    arguments = ["judge", mode.rawValue, String(seed), trace]
  }

  deinit { stop() }

  /// Nil when all is well; otherwise what is wrong. `others`: see ``Promises/fault(in:at:others:)``.
  public func judge(_ directory: String, at ticket: UInt64, others: Int = 0) throws -> String? {
    if process == nil { try start() }
    try input.fileHandleForWriting.write(contentsOf: Data("\(ticket) \(others) \(directory)\n".utf8))
    guard let line = line() else {
      process?.waitUntilExit()
      let reason = process?.terminationReason == .exit ? "exit status" : "signal"
      defer { process = nil }
      return "broken: it killed who opened it: \(reason) \(process?.terminationStatus ?? -1)"
    }
    return line == "ok" ? nil : line
  }

  public func stop() {
    try? input.fileHandleForWriting.close()
    if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process?.waitUntilExit()
    process = nil
  }

  private func start() throws {
    let process = Process()
    (input, output, buffer) = (Pipe(), Pipe(), Data())
    process.executableURL = URL(fileURLWithPath: driver)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    // What a crashing judge says, at length, is not for the reader of a test.
    process.standardError = FileHandle.nullDevice
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    try process.runUnmasked()
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
    self.process = process
  }

  private func line() -> String? {
    let deadline = Date(timeIntervalSinceNow: 20)
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer = Data(buffer[(end + 1)...]) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      var poll = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      // A judge that hangs in an image is as good as one that it killed.
      let rest = Int32(max(0, deadline.timeIntervalSinceNow * 1_000))
      if Foundation.poll(&poll, 1, rest) <= 0, let process {
        kill(process.processIdentifier, SIGKILL)
        return nil
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      buffer.append(more)
    }
  }
}
