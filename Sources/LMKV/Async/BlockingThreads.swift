internal import Dispatch

/// Threads that may block: outside the cooperative pool, which has one for each core.
enum BlockingThreads {
  private static let queue = DispatchQueue(label: "lmkv.blocking", attributes: .concurrent)

  static func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try Task.checkCancellation()
    return try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}
