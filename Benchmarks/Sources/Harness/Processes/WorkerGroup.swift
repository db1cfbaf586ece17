internal import Foundation

/// Worker processes that begin at the same instant and report to this process.
public struct WorkerGroup<Result: Codable & Sendable> {
  /// How far ahead of now the start is set, so that every worker has heard of it before it comes.
  private static var lead: Duration { .milliseconds(50) }

  private let workers: [WorkerProcess]
  private let timeout: Duration

  /// Runs one worker without a common start and gives what it reports.
  public static func run(_ assignment: some Encodable, arguments: [String], timeout: Duration) throws -> Result {
    let group = try WorkerGroup([assignment], arguments: arguments, timeout: timeout)
    return try group.collect()[0]
  }

  /// Starts a worker for each assignment, lets all begin at once when all are ready, and gives what they report, in
  /// the order of the assignments, with the instant of the start.
  public static func runTogether(
    _ assignments: [some Encodable],
    arguments: [String],
    timeout: Duration
  ) throws -> (start: UInt64, results: [Result]) {
    let group = try WorkerGroup(assignments, arguments: arguments, timeout: timeout)
    let start = try group.start()
    return (start, try group.collect())
  }

  private init(_ assignments: [some Encodable], arguments: [String], timeout: Duration) throws {
    // A worker may be gone when this process writes to it: that shall be an error of the write, not a signal.
    signal(SIGPIPE, SIG_IGN)
    self.timeout = timeout
    var workers: [WorkerProcess] = []
    do {
      for (index, assignment) in assignments.enumerated() {
        workers.append(try WorkerProcess(number: index + 1, arguments: arguments))
        try workers[index].send(assignment)
      }
    } catch {
      for worker in workers { worker.kill() }
      throw error
    }
    self.workers = workers
  }

  private func start() throws -> UInt64 {
    try killingOnFailure {
      for message in try receiveFromAll() {
        guard case .ready = message else { throw BenchmarkError("A worker process reported before the start.") }
      }
      let signal = StartSignal(instant: monotonicNanoseconds() + Self.lead.nanoseconds)
      for worker in workers { try worker.send(signal) }
      return signal.instant
    }
  }

  private func collect() throws -> [Result] {
    try killingOnFailure {
      let results = try receiveFromAll().map { message in
        guard case .result(let result) = message else { throw BenchmarkError("A worker process reported nothing.") }
        return result
      }
      for worker in workers { worker.finish() }
      return results
    }
  }

  /// One message of each worker. The first failure, end or timeout of any of them is an error at once.
  private func receiveFromAll() throws -> [WorkerMessage<Result>] {
    let deadline = monotonicNanoseconds() + timeout.nanoseconds
    var messages = [WorkerMessage<Result>?](repeating: nil, count: workers.count)
    while true {
      let silent = workers.indices.filter { messages[$0] == nil }
      if silent.isEmpty { return messages.compactMap(\.self) }
      for index in try awaitOutput(of: silent, until: deadline) {
        try workers[index].fillBuffer()
        messages[index] = try workers[index].nextMessage()
        if case .failure(let reason) = messages[index] {
          throw BenchmarkError("Worker process \(index + 1) failed: \(reason)")
        }
      }
    }
  }

  private func awaitOutput(of silent: [Int], until deadline: UInt64) throws -> [Int] {
    var polled = silent.map { pollfd(fd: workers[$0].outputDescriptor, events: Int16(POLLIN), revents: 0) }
    let now = monotonicNanoseconds()
    let patience = now < deadline ? (deadline - now) / 1_000_000 + 1 : 0
    let count = poll(&polled, nfds_t(polled.count), Int32(clamping: patience))
    if count == 0 {
      throw BenchmarkError("Worker process \(silent[0] + 1) was silent for \(timeout): it hangs, or needs more time.")
    }
    return zip(silent, polled).filter { $0.1.revents != 0 }.map(\.0)
  }

  private func killingOnFailure<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      for worker in workers { worker.kill() }
      throw error
    }
  }
}
