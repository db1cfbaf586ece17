import Foundation

/// One process of a workload.
public final class Worker {
  private let process = Process()
  private let errors = Pipe()
  private var hasEnded = false

  public init(_ executable: String, _ arguments: [String], _ environment: [String: String]) throws {
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.runUnmasked()
    try errors.fileHandleForWriting.close()
  }

  deinit {
    if !hasEnded, process.isRunning { kill(process.processIdentifier, SIGKILL) }
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
