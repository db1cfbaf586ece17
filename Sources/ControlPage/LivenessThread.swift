internal import LMDBPlatform
internal import Synchronization

/// A thread that holds this process's mutexes in the pages that it has open, until it is told to give them up or dies with the
/// process.
///
/// One serves many pages, and sleeps. It is started with the first page, and stays: to start one takes longer than all the rest
/// of opening a page.
final class LivenessThread: Sendable {
  /// When a thread dies the kernel looks at 2,048 of its mutexes, and no more.
  private static let capacity = 1_000

  private struct State {
    /// How many mutexes it holds, or is about to take.
    var held = 0
    var requests: [Request] = []
  }

  private final class Request: Sendable {
    let body: @Sendable () -> Int
    let answer = Atomic(0)
    let isDone = SleepingWord()

    init(_ body: @escaping @Sendable () -> Int) { self.body = body }
  }

  private let state = Mutex(State())
  /// One more with each request.
  private let requested = SleepingWord()

  private static let all = Mutex<(forks: Int, threads: [LivenessThread])>((0, []))

  /// One that can hold one more mutex; ``leave()`` gives that room back.
  static func any() throws(ControlPageError) -> LivenessThread {
    try all.withLock { (all) throws(ControlPageError) in
      // A forked child has none of its parent's.
      if all.forks != ForkGuard.generation { all = (ForkGuard.generation, []) }
      if let thread = all.threads.first(where: { $0.enter() }) { return thread }
      let thread = LivenessThread()
      try start(thread)
      all.threads.append(thread)
      _ = thread.enter()
      return thread
    }
  }

  private func enter() -> Bool {
    state.withLock { state in
      guard state.held < Self.capacity else { return false }
      state.held += 1
      return true
    }
  }

  func leave() {
    state.withLock { $0.held -= 1 }
  }

  /// Runs `body` on the thread, and waits for what it returns.
  func run(_ body: @escaping @Sendable () -> Int) -> Int {
    let request = Request(body)
    state.withLock { $0.requests.append(request) }
    requested.advance()
    while request.isDone.value == 0 { request.isDone.sleep(while: 0) }
    return request.answer.load(ordering: .acquiring)
  }

  private func serve() {
    while true {
      let seen = requested.value
      for request in state.withLock({ state in
        defer { state.requests = [] }
        return state.requests
      }) {
        request.answer.store(request.body(), ordering: .releasing)
        request.isDone.advance()
      }
      requested.sleep(while: seen)
    }
  }

  private static func start(_ thread: LivenessThread) throws(ControlPageError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // It calls next to nothing. Thread-local variables of the program's libraries are on the stack too.
    unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
    // The program's signals are none of its business: it inherits a mask that blocks all.
    var all = sigset_t()
    var previous = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
    let argument = unsafe Unmanaged.passRetained(thread)
    #if canImport(Musl)
      var handle: pthread_t?
    #else
      var handle = pthread_t()
    #endif
    let code = unsafe pthread_create(
      &handle,
      &attributes,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<LivenessThread>.fromOpaque(argument).takeRetainedValue().serve()
        }
        return nil
      },
      argument.toOpaque()
    )
    guard code == 0 else {
      unsafe argument.release()
      throw .noThread(code: code)
    }
  }
}

/// A number in this process's own memory on which threads can sleep.
private final class SleepingWord: Sendable {
  private let word: Word32

  init() {
    let pointer = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
    unsafe pointer.initialize(to: Atomic(0))
    word = unsafe Word32(pointer: pointer)
  }

  deinit { unsafe word.pointer.deallocate() }

  var value: UInt32 { word.loadInOrder() }

  func advance() {
    _ = word.add(1)
    word.wake()
  }

  /// Sleeps while it has this value, or for a shorter time.
  func sleep(while value: UInt32) { _ = word.wait(value) }
}
