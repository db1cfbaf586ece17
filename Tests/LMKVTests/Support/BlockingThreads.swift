import Foundation

/// Runs a body on several threads at once, and waits without blocking one of the cooperative pool.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) async throws {
  try await withThrowingTaskGroup { group in
    for index in 0..<count {
      group.addTask {
        try await withCheckedThrowingContinuation { continuation in
          Thread { continuation.resume(with: Result { try body(index) }) }.start()
        }
      }
    }
    try await group.waitForAll()
  }
}
