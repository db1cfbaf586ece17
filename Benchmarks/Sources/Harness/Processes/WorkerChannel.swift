internal import Foundation

/// The worker's side of the pipes to its parent: standard input and standard output.
public struct WorkerChannel<Result: Codable & Sendable> {
  private var buffer = LineBuffer()

  public init() {}

  /// Takes the parent's assignment, does it, and sends what came out of it. A worker ends with this call.
  public static func serve<Assignment: Decodable>(
    _ work: (Assignment, inout WorkerChannel) async throws -> Result
  ) async throws {
    var channel = WorkerChannel()
    let message: WorkerMessage<Result>
    do {
      message = .result(try await work(try channel.receive(), &channel))
    } catch {
      message = .failure(String(describing: error))
    }
    try FileHandle.standardOutput.writeLine(message)
  }

  /// Says that this process is ready, and waits until all are.
  ///
  /// - Returns: the instant to begin at, a little in the future.
  public mutating func awaitStart() throws -> UInt64 {
    try FileHandle.standardOutput.writeLine(WorkerMessage<Result>.ready)
    let signal: StartSignal = try receive()
    endWithParent()
    return signal.instant
  }

  private mutating func receive<Value: Decodable>() throws -> Value {
    while true {
      if let line = buffer.nextLine() { return try JSONDecoder().decode(Value.self, from: line) }
      guard try buffer.fill(from: STDIN_FILENO) else { throw BenchmarkError("The parent process is gone.") }
    }
  }

  /// The parent sends nothing after the start, so the end of standard input means that it is gone, and a worker must
  /// not outlive it.
  private func endWithParent() {
    Thread.detachNewThread {
      var rest = LineBuffer()
      while (try? rest.fill(from: STDIN_FILENO)) == true {}
      exit(EXIT_FAILURE)
    }
  }
}
