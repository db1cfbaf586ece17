import Foundation
import LMDBPlatform
import Synchronization
import TestSupport
import Testing

/// A thread that has been started, and must be joined: nothing that it held is alive then.
final class Running: @unchecked Sendable {
  // Written by the thread before it ends, read after the join; `thread` is only touched by who joins.
  private var thread = pthread_t()
  private let failure = Mutex<(any Error)?>(nil)
  private let isEnded = Atomic(false)
  private var body: (@Sendable () throws -> Void)?

  init(_ body: @escaping @Sendable () throws -> Void) {
    self.body = body
    let code = pthread_create(
      &thread,
      nil,
      { argument in
        if let argument { Unmanaged<Running>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      },
      Unmanaged.passRetained(self).toOpaque()
    )
    precondition(code == 0, "no thread")
  }

  private func run() {
    do { try body?() } catch { failure.withLock { $0 = error } }
    body = nil
    isEnded.store(true, ordering: .sequentiallyConsistent)
  }

  /// Whether the body ends in that time.
  func isDone(within seconds: Double) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while !isEnded.load(ordering: .sequentiallyConsistent) {
      if ContinuousClock.now > end { return false }
      usleep(500)
    }
    return true
  }

  /// Waits for the end; records an issue when it does not come although the machine has the time for it.
  func join() throws {
    var patience = Patience(60)
    while !isEnded.load(ordering: .sequentiallyConsistent) {
      let hangs = patience.isOver()
      try #require(!hangs, "a thread hangs")
      usleep(500)
    }
    pthread_join(thread, nil)
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

/// Runs `body` once on each of `count` threads of their own, all at once, and waits for them.
func onThreads(_ count: Int = 1, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let threads = (0..<count).map { number in Running { try body(number) } }
  for thread in threads { try thread.join() }
}

/// A number that threads count together.
final class Counter: Sendable {
  private let number = Atomic(0)
  var value: Int { number.load(ordering: .sequentiallyConsistent) }
  @discardableResult
  func increment() -> Int { number.add(1, ordering: .sequentiallyConsistent).newValue }
}

extension Running {
  /// Lets others run for a moment.
  static func nap() { usleep(1_000) }
}
