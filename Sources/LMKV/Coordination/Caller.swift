internal import LMDBPlatform
internal import Synchronization

/// A task, or where there is none, a thread.
///
/// A task is known by its address, which another one may have later. So it is asked about only while it runs.
enum Caller: Hashable, Sendable {
  case task(Int)
  case thread(UInt)
  /// A thread that nobody can tell from others.
  case unknown

  static var current: Caller {
    let task = unsafe withUnsafeCurrentTask { task in unsafe task.map { unsafe $0.hashValue } }
    if let task { return .task(task) }
    return ThreadToken.current.map { .thread($0) } ?? .unknown
  }

  /// A number that no other thread of this process ever has. Nil in a task.
  static var thread: UInt? {
    if case .thread(let token) = current { token } else { nil }
  }
}

private enum ThreadToken {
  /// Nil where the process has no more.
  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    return unsafe pthread_key_create(&key, nil) == 0 ? key : nil
  }()

  private static let last = Atomic<UInt>(0)

  static var current: UInt? {
    guard let key else { return nil }
    if let token = unsafe pthread_getspecific(key) { return UInt(bitPattern: token) }
    let token = last.add(1, ordering: .relaxed).newValue
    guard unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: token)) == 0 else { return nil }
    return token
  }
}
