internal import LMDBPlatform

/// Shows those who wait for the lock of opening that its holder works on something that takes long, such as a recovery: its
/// line in the lock's file changes once in a while, and says so. A process that was stopped changes nothing.
package struct OpeningWork: Sendable {
  private static let interval = Duration.milliseconds(250)

  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// One that nobody waits for.
  package static let unseen = OpeningWork(-1)

  /// Runs `body`, and changes the line until it is done.
  package func during<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    guard descriptor >= 0 else { return try body() }
    let isOver = Monitor(false)
    // Without a thread those who wait are as patient as with anybody else.
    _ = startDetachedThread { [descriptor] in
      // Under the monitor's lock: once this is over the descriptor may be another file's.
      while isOver.withLock({ isOver in
        if !isOver { LockHolder.sign(descriptor, note: "recovering the store") }
        return !isOver
      }) {
        isOver.wait(until: .now + Self.interval) { $0 }
      }
    }
    defer { isOver.signalAfter { $0 = true } }
    return try body()
  }
}
