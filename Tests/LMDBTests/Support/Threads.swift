import Foundation
import Synchronization
import Testing

/// Runs `body` once on each of `count` threads of their own, all at once, and waits for them.
func onThreads(_ count: Int = 1, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let failure = Failure()
  let start = DispatchSemaphore(value: 0)
  let done = DispatchGroup()
  for number in 0..<count {
    done.enter()
    let thread = Thread {
      start.wait()
      do { try body(number) } catch { failure.error.withLock { $0 = error } }
      done.leave()
    }
    thread.stackSize = 1 << 20
    thread.start()
  }
  for _ in 0..<count { start.signal() }
  done.wait()
  if let error = failure.error.withLock({ $0 }) { throw error }
}

private final class Failure: Sendable {
  let error = Mutex<(any Error)?>(nil)
}

/// A thread that has been started, to be waited for.
final class Running: Sendable {
  private let done = DispatchSemaphore(value: 0)
  private let failure = Mutex<(any Error)?>(nil)

  init(_ body: @escaping @Sendable () throws -> Void) {
    Thread { [self] in
      do { try body() } catch { failure.withLock { $0 = error } }
      done.signal()
    }.start()
  }

  /// Waits for the end; records an issue when it does not come.
  func join(within seconds: Double = 30) throws {
    try #require(done.wait(timeout: .now() + seconds) == .success, "a thread hangs")
    if let error = failure.withLock({ $0 }) { throw error }
  }

  func isDone(within seconds: Double) -> Bool {
    guard done.wait(timeout: .now() + seconds) == .success else { return false }
    done.signal()
    return true
  }
}

/// A number that threads count together.
final class Counter: Sendable {
  private let number = Atomic(0)
  var value: Int { number.load(ordering: .sequentiallyConsistent) }
  @discardableResult
  func increment() -> Int { number.add(1, ordering: .sequentiallyConsistent).newValue }
}
