import Foundation
import Synchronization

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

/// Runs a body on another thread while this one waits for it.
func onOtherThread(_ body: @escaping () throws -> Void) throws {
  // Two threads have it, but one after the other.
  nonisolated(unsafe) let body = body
  let result = Mutex<Result<Void, any Error>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  Thread {
    result.withLock { $0 = Result { try body() } }
    isDone.signal()
  }
  .start()
  isDone.wait()
  try result.withLock { $0 }?.get()
}
