internal import Foundation

/// What a worker process says to the process that started it, one JSON object a line.
enum WorkerMessage<Result: Codable>: Codable {
  case ready
  case result(Result)
  case failure(String)
}

/// What the parent says once all workers are ready: begin at this instant of the monotonic clock.
struct StartSignal: Codable {
  let instant: UInt64
}

extension FileHandle {
  func writeLine(_ value: some Encodable) throws {
    try write(contentsOf: try JSONEncoder().encode(value) + [UInt8(ascii: "\n")])
  }
}
