import Foundation

/// A process that opens images and says what is wrong with them. A broken image may kill it; then there is another.
public final class JudgeProcess {
  private let driver: String
  private let arguments: [String]
  private var process: Process?
  private var input = Pipe()
  private var output = Pipe()
  private var buffer = Data()
  private let errors = NSTemporaryDirectory() + "/lmkv-judge-" + String(UInt64.random(in: 0...(.max)), radix: 36)

  private let environment: [String: String]
  private var isOverdue = false

  public init(driver: String, mode: Workload.Mode, circumstances: Circumstances, trace: String) {
    self.driver = driver
    arguments = ["judge", mode.rawValue, String(circumstances.seed), trace]
    environment = [Circumstances.variable: circumstances.enabled.map(\.rawValue).joined(separator: ",")]
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: errors)
  }

  public func judge(_ question: Question) throws -> Answer {
    if process == nil { try start() }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    try input.fileHandleForWriting.write(contentsOf: encoder.encode(question) + Data("\n".utf8))
    guard let line = line() else {
      process?.waitUntilExit()
      if isOverdue {
        process = nil
        return Answer(fault: "broken: who opened it did not come to an end", notes: [])
      }
      let reason = process?.terminationReason == .exit ? "exit status" : "signal"
      defer { process = nil }
      return Answer(
        fault: "broken: it killed who opened it: \(reason) \(process?.terminationStatus ?? -1)\(lastWords)",
        notes: []
      )
    }
    return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
  }

  /// What LMDB or Swift said before the end.
  private var lastWords: String {
    guard let text = try? String(contentsOfFile: errors, encoding: .utf8) else { return "" }
    let line = text.split(separator: "\n").last {
      $0.contains("Assertion") || $0.contains("Fatal") || $0.contains("rror")
    }
    return line.map { ", saying: \($0.prefix(300))" } ?? ""
  }

  public func stop() {
    try? input.fileHandleForWriting.close()
    if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process?.waitUntilExit()
    process = nil
  }

  private func start() throws {
    let process = Process()
    isOverdue = false
    (input, output, buffer) = (Pipe(), Pipe(), Data())
    process.executableURL = URL(fileURLWithPath: driver)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    // What a crashing judge says, at length, is not for the reader of a test.
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: errors) ?? .nullDevice
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    try process.runUnmasked()
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
    self.process = process
  }

  private func line() -> String? {
    let deadline = Date(timeIntervalSinceNow: 120)
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer = Data(buffer[(end + 1)...]) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      var poll = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      // A judge that hangs in an image is as good as one that it killed.
      let rest = Int32(max(0, deadline.timeIntervalSinceNow * 1_000))
      if Foundation.poll(&poll, 1, rest) <= 0, let process {
        isOverdue = true
        kill(process.processIdentifier, SIGKILL)
        return nil
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      buffer.append(more)
    }
  }
}
