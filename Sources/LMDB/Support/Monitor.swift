internal import LMDBPlatform

/// A value behind a lock, on which threads can wait for a condition.
// The mutex guards every access to `value`; both live as long as the object, at addresses that never change.
@safe package final class Monitor<Value>: @unchecked Sendable {
  private var value: Value
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init(_ value: Value) {
    self.value = value
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    #if canImport(Darwin)
      unsafe pthread_cond_init(condition, nil)
    #else
      // By itself a condition waits by the computer's clock, which somebody may set back by an hour meanwhile.
      var attributes = pthread_condattr_t()
      unsafe pthread_condattr_init(&attributes)
      unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      unsafe pthread_cond_init(condition, &attributes)
      unsafe pthread_condattr_destroy(&attributes)
    #endif
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try body(&value)
  }

  /// Changes the value and wakes whoever waits for it.
  package func signalAfter<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    defer { unsafe pthread_cond_broadcast(condition) }
    return try withLock(body)
  }

  /// Waits until the value fulfils the condition, and then runs `body` under the lock.
  package func waitUntil<R, E: Error>(
    _ isReady: (Value) -> Bool,
    _ body: (inout Value) throws(E) -> R
  ) throws(E) -> R {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while !isReady(value) { unsafe pthread_cond_wait(condition, mutex) }
    return try body(&value)
  }

  /// Waits until the value fulfils the condition, or until a moment has come, however the computer's clock is set.
  package func wait(until deadline: ContinuousClock.Instant, unless isReady: (Value) -> Bool) {
    _ = wait(until: deadline, isReady) { _ in }
  }

  /// Waits until the value fulfils the condition, and then runs `body` under the lock. Nil when the moment comes first.
  package func wait<R, E: Error>(
    until deadline: ContinuousClock.Instant,
    _ isReady: (Value) -> Bool,
    _ body: (inout Value) throws(E) -> R
  ) throws(E) -> R? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while !isReady(value) {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return nil }
      // At most an hour at a time, then the loop measures anew: nothing overflows.
      sleep(min(left, .seconds(3_600)))
    }
    return try body(&value)
  }

  /// Sleeps with the lock given up, until somebody signals, for so long at most, or for nothing.
  private func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    #if canImport(Darwin)
      unsafe pthread_cond_timedwait_relative_np(condition, mutex, &time)
    #else
      var now = timespec()
      // The clock always exists and the pointer is to a local variable, so there is no failure to report.
      unsafe clock_gettime(CLOCK_MONOTONIC, &now)
      let nanoseconds = now.tv_nsec + time.tv_nsec
      time.tv_sec += now.tv_sec + nanoseconds / 1_000_000_000
      time.tv_nsec = nanoseconds % 1_000_000_000
      unsafe pthread_cond_timedwait(condition, mutex, &time)
    #endif
  }
}
