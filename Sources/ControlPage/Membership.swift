internal import LMDBPlatform
internal import Synchronization

/// This process's slot, and the thread that holds the slot's mutex: its death is what tells others of ours.
final class Membership: Sendable {
  let id: MemberID
  private let mapping: Mapping
  private let thread: LivenessThread
  private let isEnded = Atomic(false)

  /// Takes a free slot. No other process does so at the same time, by the lock that the caller of `open` holds.
  init(_ mapping: Mapping, _ path: String) throws(ControlPageError) {
    var free: Int?
    for number in 0..<Layout.memberCapacity {
      let slot = Slot(mapping, number)
      if let id = MemberID(rawValue: slot.id.load()), slot.isAlive(id) { continue }
      free = number
      break
    }
    guard let free else { throw .full(path: path, capacity: Layout.memberCapacity) }
    let slot = Slot(mapping, free)
    slot.id.store(0)
    slot.describeThisProcess()
    id = MemberID(slot: free)
    thread = try LivenessThread(mapping, slot.mutex)
    self.mapping = mapping
    // From here on others see it, with the mutex held.
    slot.id.publish(id.rawValue)
  }

  func end() {
    // In a forked child the slot is the parent's, and there is no thread.
    guard !mapping.isForked, !isEnded.exchange(true, ordering: .sequentiallyConsistent) else { return }
    _ = Slot(mapping, id.slot).id.compareExchange(id.rawValue, 0)
    thread.end()
  }

  deinit { end() }
}

/// A thread that locks a mutex, sleeps, and unlocks it when told to.
// `thread` is written once, in init. What the thread shares with it are words of a box of its own.
@safe final class LivenessThread: @unchecked Sendable {
  private final class Shared: Sendable {
    let mapping: Mapping
    let mutex: RobustMutex
    let state: Word32

    /// The states: 0 starts, 1 has the mutex, 2 failed, 3 shall end.
    init(_ mapping: Mapping, _ mutex: RobustMutex) {
      self.mapping = mapping
      self.mutex = mutex
      let pointer = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
      unsafe pointer.initialize(to: Atomic(0))
      state = unsafe Word32(pointer: pointer)
    }

    deinit { unsafe state.pointer.deallocate() }

    func run() {
      switch mutex.lock() {
      case .locked, .fromTheDead: state.publish(1)
      default: state.publish(2)
      }
      state.wake()
      while state.loadInOrder() == 1 { _ = state.wait(1) }
      if state.loadInOrder() == 3 { _ = mutex.unlock() }
    }
  }

  private let shared: Shared
  private let thread: pthread_t

  init(_ mapping: Mapping, _ mutex: RobustMutex) throws(ControlPageError) {
    shared = Shared(mapping, mutex)
    thread = try Self.start(shared)
    while shared.state.loadInOrder() == 0 { _ = shared.state.wait(0) }
    guard shared.state.loadInOrder() == 1 else {
      pthread_join(thread, nil)
      throw .system(code: ENOTRECOVERABLE, doing: "lock the mutex of a member")
    }
  }

  func end() {
    shared.state.publish(3)
    shared.state.wake()
    pthread_join(thread, nil)
  }

  private static func start(_ shared: Shared) throws(ControlPageError) -> pthread_t {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    // It calls next to nothing. Thread-local variables of the program's libraries are on the stack too.
    unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
    // The program's signals are none of its business: it inherits a mask that blocks all.
    var all = sigset_t()
    var previous = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
    let argument = unsafe Unmanaged.passRetained(shared)
    #if canImport(Musl)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let code = unsafe pthread_create(
      &thread,
      &attributes,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      },
      argument.toOpaque()
    )
    guard code == 0 else {
      unsafe argument.release()
      throw .noThread(code: code)
    }
    #if canImport(Musl)
      guard let thread = unsafe thread else { throw .noThread(code: EAGAIN) }
    #endif
    return thread
  }
}
