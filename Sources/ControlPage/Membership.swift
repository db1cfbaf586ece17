internal import LMDBPlatform
internal import Synchronization

/// This process's slot, and the thread that holds the slot's mutex: its death is what tells others of ours.
final class Membership: Sendable {
  let id: MemberID
  private let mapping: Mapping
  private let thread: LivenessThread
  private let isEnded = Atomic(false)

  init(_ mapping: Mapping, _ path: String) throws(ControlPageError) {
    thread = try LivenessThread(mapping, path)
    let slot = Slot(mapping, thread.slot)
    // It may be that of a dead one, which nobody has missed.
    slot.id.publish(0)
    slot.describeThisProcess()
    id = MemberID(slot: thread.slot)
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

/// A thread that finds a free slot, holds its mutex, sleeps, and gives it up when told to.
// `thread` and `slot` are written once, in init. What the thread shares with it are words of a box of its own.
@safe private final class LivenessThread: @unchecked Sendable {
  private enum State {
    static let starts: UInt32 = 0
    static let holds: UInt32 = 1
    static let foundNone: UInt32 = 2
    static let shallEnd: UInt32 = 3
  }

  private final class Shared: Sendable {
    let mapping: Mapping
    let state: Word32
    let slot = Atomic(0)

    init(_ mapping: Mapping) {
      self.mapping = mapping
      let pointer = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
      unsafe pointer.initialize(to: Atomic(State.starts))
      state = unsafe Word32(pointer: pointer)
    }

    deinit { unsafe state.pointer.deallocate() }

    func run() {
      let found = (0..<Layout.memberCapacity).first { Slot(mapping, $0).claim() }
      slot.store(found ?? 0, ordering: .relaxed)
      state.publish(found == nil ? State.foundNone : State.holds)
      state.wake()
      guard let found else { return }
      while state.loadInOrder() != State.shallEnd { _ = state.wait(State.holds) }
      _ = Slot(mapping, found).mutex.unlock()
    }
  }

  let slot: Int
  private let shared: Shared
  private let thread: pthread_t

  init(_ mapping: Mapping, _ path: String) throws(ControlPageError) {
    shared = Shared(mapping)
    thread = try Self.start(shared)
    while shared.state.loadInOrder() == State.starts { _ = shared.state.wait(State.starts) }
    slot = shared.slot.load(ordering: .relaxed)
    guard shared.state.loadInOrder() == State.holds else {
      pthread_join(thread, nil)
      throw .full(path: path, capacity: Layout.memberCapacity)
    }
  }

  func end() {
    shared.state.publish(State.shallEnd)
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
