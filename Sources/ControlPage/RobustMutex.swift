internal import CFutex
internal import LMDBPlatform

/// A mutex in the page that the kernel passes on when the thread that has it dies, however it dies.
// pthread mutexes are made for being used by many threads of many processes at one address. Whoever has a `RobustMutex`
// keeps the mapping.
@safe struct RobustMutex: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  enum Locking {
    case locked
    /// Its owner died with it; it is ours now and good again.
    case fromTheDead
    case busy
    case timedOut
    /// This thread has it already.
    case mine
    /// Not usable: the page was damaged. With the code of pthreads.
    case broken(Int32)
  }

  /// Makes it anew. Nobody uses it.
  func initialise(inherits: Bool) -> Int32 {
    unsafe cfutex_mutex_init(pointer, inherits ? 1 : 0)
  }

  @inline(__always) func tryLock() -> Locking {
    let code = unsafe cfutex_mutex_trylock(pointer)
    if code == 0 { return .locked }
    return result(code)
  }

  /// Without a moment it waits for ever.
  func lock(until moment: Int64? = nil) -> Locking {
    if let moment { return unsafe result(cfutex_mutex_lock_until(pointer, moment)) }
    return unsafe result(cfutex_mutex_lock(pointer))
  }

  /// False if this thread does not have it.
  @inline(__always) func unlock() -> Bool {
    unsafe cfutex_mutex_unlock(pointer) == 0
  }

  private func result(_ code: Int32) -> Locking {
    switch code {
    case 0: return .locked
    case EBUSY: return .busy
    case ETIMEDOUT: return .timedOut
    case EDEADLK: return .mine
    case EOWNERDEAD:
      // Should this thread die before the next line, the next one gets EOWNERDEAD again.
      let code = unsafe cfutex_mutex_consistent(pointer)
      return code == 0 ? .fromTheDead : .broken(code)
    default: return .broken(code)
    }
  }
}
