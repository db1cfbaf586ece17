internal import LMDBPlatform
internal import Synchronization

/// The turn to write, among the threads of this process. A thread takes it before it asks for LMDB's own lock.
///
/// LMDB's lock is free as soon as a commit is done, but there is bookkeeping after that. The turn ends after both, so
/// that the next writer's marks are not wiped out by the last one's end.
// The mutex lives as long as the object, at an address that never changes, and `holder` is atomic.
@safe final class WriterTurn: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let holder = Atomic<UInt>(0)

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Whether the calling thread has the turn. Only that thread can have stored its own number.
  var isMine: Bool {
    let holder = holder.load(ordering: .relaxed)
    // Every read asks. Mostly nobody writes, and the number of the thread is not needed.
    return holder != 0 && holder == ThreadIdentity.current
  }

  func take() {
    unsafe pthread_mutex_lock(mutex)
    holder.store(ThreadIdentity.current, ordering: .relaxed)
  }

  func giveUp() {
    holder.store(0, ordering: .relaxed)
    unsafe pthread_mutex_unlock(mutex)
  }
}
