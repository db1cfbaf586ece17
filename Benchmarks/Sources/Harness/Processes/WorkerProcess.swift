internal import Foundation

/// A child process that runs this same executable as a worker.
final class WorkerProcess {
  let number: Int
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = LineBuffer()

  init(number: Int, arguments: [String]) throws {
    guard let executable = Bundle.main.executableURL else {
      throw BenchmarkError("The path of this executable is unknown, so it cannot start itself as a worker.")
    }
    self.number = number
    process.executableURL = executable
    process.arguments = arguments
    // Swift's backtracer would outlive a worker that is killed while it crashes, and keep standard error open.
    let quietly = ["SWIFT_BACKTRACE": "enable=no"]
    process.environment = quietly.merging(ProcessInfo.processInfo.environment) { _, chosen in chosen }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  var outputDescriptor: Int32 { output.fileHandleForReading.fileDescriptor }

  func send(_ value: some Encodable) throws {
    do {
      try input.fileHandleForWriting.writeLine(value)
    } catch {
      throw BenchmarkError("Worker process \(number) no longer listens: \(describeEnd()).")
    }
  }

  /// The next message, if all of it is here.
  func nextMessage<Result: Codable>() throws -> WorkerMessage<Result>? {
    guard let line = buffer.nextLine() else { return nil }
    return try JSONDecoder().decode(WorkerMessage<Result>.self, from: line)
  }

  /// Takes what the pipe holds; throws when the worker ended instead of sending something.
  func fillBuffer() throws {
    if try !buffer.fill(from: outputDescriptor) {
      throw BenchmarkError("Worker process \(number) ended before it reported: \(describeEnd()).")
    }
  }

  /// Waits for the end of a worker that has reported.
  func finish() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func kill() {
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    finish()
  }

  private func describeEnd() -> String {
    process.waitUntilExit()
    let cause = process.terminationReason == .uncaughtSignal ? "signal" : "exit code"
    return "\(cause) \(process.terminationStatus)"
  }
}
