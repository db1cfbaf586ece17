internal import CFutex
internal import LMDBPlatform

/// Sleeping until another thread, of any process that maps the same word, wakes.
package enum Futex {
  package enum Awakening: Sendable {
    /// Woken; perhaps by accident, or a signal came, or the word had another value already: look again.
    case lookAgain
    case timedOut
  }

  /// Sleeps while the word has this value. `timeout` in nanoseconds; negative for ever.
  static func wait(
    _ word: UnsafeMutableRawPointer,
    _ expected: UInt32,
    bits: UInt32,
    timeout: Int64
  ) -> Awakening {
    unsafe cfutex_wait(word, expected, bits, timeout) == ETIMEDOUT ? .timedOut : .lookAgain
  }

  /// How many it woke.
  static func wake(_ word: UnsafeMutableRawPointer, _ count: Int32, bits: UInt32) -> Int {
    unsafe Int(cfutex_wake(word, count, bits))
  }
}
