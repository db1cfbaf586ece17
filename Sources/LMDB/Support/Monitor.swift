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
    unsafe pthread_cond_init(condition, nil)
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

  /// Waits until the value fulfils the condition, or until a moment has come.
  package func wait(until deadline: ContinuousClock.Instant, unless isReady: (Value) -> Bool) {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while !isReady(value) {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return }
      // pthread's wait takes a moment of the computer's clock. Should that be set, the loop measures anew.
      var moment = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &moment)
      let nanoseconds = Int64(moment.tv_nsec) + left.components.attoseconds / 1_000_000_000
      moment.tv_sec += Int(min(left.components.seconds, 3_600)) + Int(nanoseconds / 1_000_000_000)
      moment.tv_nsec = Int(nanoseconds % 1_000_000_000)
      unsafe pthread_cond_timedwait(condition, mutex, &moment)
    }
  }
}
