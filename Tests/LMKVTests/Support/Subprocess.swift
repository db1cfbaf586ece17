import Foundation

/// What a program left behind.
struct ProcessResult: Sendable {
  /// The exit status, or the negated number of the signal that ended the program.
  let status: Int32
  let stdout: Data
  let stderr: Data

  var output: String { String(decoding: stdout, as: UTF8.self) }
  var errors: String { String(decoding: stderr, as: UTF8.self) }
}

/// A program did not end in time, and was killed.
struct ProcessTimeout: Error, CustomStringConvertible {
  let description: String
}

/// Runs a program to its end and returns what it wrote.
///
/// Input and output go through files, so no pipe fills up, no write meets a closed pipe, and a grandchild that lives
/// on keeps nobody waiting. The calling thread blocks, which makes this usable inside a transaction.
///
/// `environment` is added to that of this process. A program that takes longer than `timeout` is killed, and
/// ``ProcessTimeout`` thrown.
func run(
  _ executable: String,
  _ arguments: [String] = [],
  input: Data = Data(),
  environment: [String: String] = [:],
  workingDirectory: String? = nil,
  timeout: Duration = .seconds(60)
) throws -> ProcessResult {
  try withTemporaryDirectory { directory in
    let streams = ["stdin", "stdout", "stderr"].map { directory.url.appendingPathComponent($0) }
    try input.write(to: streams[0])
    for stream in streams.dropFirst() { try Data().write(to: stream) }

    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
    let input = try FileHandle(forReadingFrom: streams[0])
    let output = try FileHandle(forWritingTo: streams[1])
    let errors = try FileHandle(forWritingTo: streams[2])
    // `Process` may outlive this call, and Foundation crashes at the start of a program when thousands of files are open.
    defer { for handle in [input, output, errors] { try? handle.close() } }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    let ended = try process.runSignalling()
    guard ended.wait(timeout: .now() + .milliseconds(Int(timeout / .milliseconds(1)))) == .success else {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
      let errors = (try? String(contentsOf: streams[2], encoding: .utf8)) ?? ""
      throw ProcessTimeout(description: "\(executable) \(arguments) did not end within \(timeout). \(errors)")
    }

    return ProcessResult(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      stdout: try Data(contentsOf: streams[1]),
      stderr: try Data(contentsOf: streams[2])
    )
  }
}

extension Process {
  /// Starts the program; the semaphore is signalled when it has ended.
  ///
  /// A child inherits the signal mask of the thread that starts it, and threads that run Swift's tasks block SIGTERM and
  /// others. So the mask is empty meanwhile, as it is for programs that a shell starts.
  func runSignalling() throws -> DispatchSemaphore {
    let ended = DispatchSemaphore(value: 0)
    terminationHandler = { _ in ended.signal() }
    var none = sigset_t()
    var previous = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    try run()
    return ended
  }
}
