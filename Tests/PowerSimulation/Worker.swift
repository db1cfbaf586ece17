import Foundation

/// One process of a workload.
public final class Worker {
  private let process = Process()
  private let errors = Pipe()
  private var hasEnded = false

  /// So that one that hangs ends all the same, as a finding. Far longer than any of them takes.
  private static let patience = 120.0

  var processID: Int32 { process.processIdentifier }

  public init(_ executable: String, _ arguments: [String], _ environment: [String: String]) throws {
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.runUnmasked()
    try errors.fileHandleForWriting.close()
  }

  deinit {
    if !hasEnded, process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Waits for its end. Returns what is wrong with that; nil: nothing.
  ///
  /// - Parameter mayFail: whether it may say that it was refused, or that calls failed, which is exit status 3.
  func fault(mayDie: Bool = false, mayFail: Bool = false) throws -> String? {
    guard !hasEnded else { return nil }
    let said = waitForEnd(seconds: Self.patience)
    let status = process.terminationStatus
    let lines = said.split(separator: "\n").filter { !$0.contains(" notice lmkv") }
    let telling = lines.filter { $0.contains("Fatal") || $0.contains("Assertion") || $0.contains("PowerDriver:") }
    let end = (telling.isEmpty ? lines : telling).suffix(3).joined(separator: " ").suffix(500)
    if isOverdue { return "broken: a process of the workload did not end" }
    if process.terminationReason == .exit {
      if status == 0 || (status == 3 && mayFail) { return nil }
      if status == 4 { return "corrupt: a process of the workload was told so: \(end)" }
      return status == 3
        ? "unopened: a process of the workload failed: \(end)" : "broken: exit status \(status): \(end)"
    }
    if mayDie, status == SIGKILL { return nil }
    if said.contains("power recorder:") { throw SimulationError("\(end)") }
    return "broken: signal \(status) killed a process of the workload: \(end)"
  }

  private var isOverdue = false

  private func waitForEnd(seconds: Double) -> String {
    var said = Data()
    let file = errors.fileHandleForReading
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
      var poll = pollfd(fd: file.fileDescriptor, events: Int16(POLLIN), revents: 0)
      if Foundation.poll(&poll, 1, Int32(max(0, deadline.timeIntervalSinceNow * 1_000))) <= 0 {
        isOverdue = true
        kill(process.processIdentifier, SIGKILL)
        break
      }
      let more = file.availableData
      if more.isEmpty { break }
      said += more
    }
    process.waitUntilExit()
    hasEnded = true
    return String(decoding: said, as: UTF8.self)
  }

  public func finish(mayDie: Bool = false) throws {
    guard !hasEnded else { return }
    let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    hasEnded = true
    let isDead = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
    guard (process.terminationReason == .exit && process.terminationStatus == 0) || (mayDie && isDead) else {
      throw SimulationError("a process of the workload ended with \(process.terminationStatus): \(said)")
    }
  }
}

extension Process {
  /// Starts the program without the signal mask of this thread, which its children would inherit.
  func runUnmasked() throws {
    var none = sigset_t()
    var previous = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    try run()
  }
}
