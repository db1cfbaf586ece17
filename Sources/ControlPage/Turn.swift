internal import CFutex
internal import LMDBPlatform

/// The fair queue of those who want to write, over all processes.
///
/// Two mutexes, which the kernel passes on when their owner dies: M is the turn; H is the head of the queue, which the
/// kernel gives to those who wait in the order of their coming. Only the head waits for M.
///
/// To hand the turn over costs two changes of thread, many times a short transaction. So a process that has got the turn
/// as the head keeps precedence for a slice of time: it takes the turn again without queueing until the slice is over
/// and the head says that it is ready. Nobody else passes the head. The head, and not the owner, watches the clock; and if
/// it finds that the owner does not want its turn, it does not wait for the slice's end.
///
/// A head that stands still (SIGSTOP, a debugger) is passed over after a while, until it moves again.
///
/// A thread that takes the turn gives it back itself. It is not re-entrant.
package final class Turn: Sendable {
  package enum Taking: Sendable {
    case taken
    /// Its last holder died with it, perhaps in the middle of something.
    case takenFromTheDead
  }

  package static let defaultSlice = Duration.microseconds(350)

  let mapping: Mapping
  let members: Members
  let slice: Int64
  let me: UInt64
  let mutex: RobustMutex
  let headMutex: RobustMutex
  let owner: Word64
  let holderWord: Word64
  let heldSince: Word64
  let takes: Word64
  let sliceEnd: Word64
  let head: Word32
  let passedOver: Word32
  let headSince: Word64
  let handOvers: Word32
  let mySlot: Slot

  init(_ mapping: Mapping, _ members: Members, slice: Duration) {
    self.mapping = mapping
    self.members = members
    self.slice = Int64(slice / .nanoseconds(1))
    me = members.me.rawValue
    mutex = mapping.mutex(Layout.turnMutex)
    headMutex = mapping.mutex(Layout.headMutex)
    owner = mapping.word64(Layout.owner)
    holderWord = mapping.word64(Layout.holder)
    heldSince = mapping.word64(Layout.heldSince)
    takes = mapping.word64(Layout.takes)
    sliceEnd = mapping.word64(Layout.sliceEnd)
    head = mapping.word32(Layout.head)
    passedOver = mapping.word32(Layout.passedOver)
    headSince = mapping.word64(Layout.headSince)
    handOvers = mapping.word32(Layout.handOvers)
    mySlot = members.slot(members.me)
  }

  /// Waits for the turn; nil for ever. No system call while nobody else wants it.
  package func take(timeout: Duration? = nil) throws(TurnError) -> Taking {
    if let taking = try take(timeout: timeout, while: { true }) { return taking }
    throw timedOut(Moment.now)
  }

  /// The same, as long as somebody wants it. Nil when nobody does any more, which it finds within a second.
  package func take(timeout: Duration?, while isWanted: () -> Bool) throws(TurnError) -> Taking? {
    if let taking = try takeAtOnce() { return taking }
    return try takeInQueue(timeout, while: isWanted)
  }

  /// Takes the turn if nobody has it and nobody else comes first, or has stood still for long.
  package func tryTake() throws(TurnError) -> Taking? {
    if let taking = try takeAtOnce() { return taking }
    return try passStandingHead()
  }

  /// Gives the turn back, on the thread that took it.
  ///
  /// - Parameter handOver: Give up the rest of the slice: this process will now do something else, such as waiting for a
  ///   disk.
  package func release(handOver: Bool = false) {
    precondition(holderWord.load() == me, "this process does not have the turn")
    if handOver {
      owner.store(0)
      sliceEnd.publish(0)
    }
    holderWord.store(0)
    let isUnlocked = mutex.unlock()
    precondition(isUnlocked, "the turn is given back on another thread than the one that took it")
    // Sequentially consistent: a head that comes now has either seen that the slice is over, or is seen here.
    if handOver, head.loadInOrder() & HeadState.mask == HeadState.waits {
      _ = handOvers.add(1)
      handOvers.wake()
    }
  }

  /// Whether to hand the turn over when it is given back: somebody waits, and there is no time for another transaction.
  package var shouldPass: Bool {
    switch head.load() & HeadState.mask {
    case HeadState.nobody: false
    case HeadState.waits: Moment.now + Self.transaction >= Int64(bitPattern: sliceEnd.load())
    default: true
    }
  }

  /// What a short transaction takes, in nanoseconds.
  private static let transaction: Int64 = 10_000

  /// Whether another process has the turn, or comes first.
  @inline(__always) package var isOthers: Bool {
    let holder = holderWord.load()
    return holder != 0 ? holder != me : !isEntitled(head.load())
  }

  /// Takes it if nobody waits, or if we take precedence.
  @inline(__always) private func takeAtOnce() throws(TurnError) -> Taking? {
    if mapping.isForked { throw .forked }
    guard isEntitled(head.load()) else { return nil }
    return try finish(mutex.tryLock())
  }

  @inline(__always) private func isEntitled(_ head: UInt32) -> Bool {
    switch head & HeadState.mask {
    case HeadState.nobody: takes.load() % Self.takesUnseen != 0 || !isHeadComing
    case HeadState.waits: owner.load() == me ? isInSlice : head == passedOver.load()
    default: head == passedOver.load()
    }
  }

  /// So many times the turn is taken before somebody looks whether the next head was woken and finds no processor.
  private static let takesUnseen: UInt64 = 96

  /// Whether there is a head that has not said so yet. It was woken when the last one became the owner. If it is to run on
  /// this very processor it waits for us to sleep, which the kernel makes us do only some milliseconds later.
  private var isHeadComing: Bool {
    guard case .busy = headMutex.tryLock() else {
      _ = headMutex.unlock()
      return false
    }
    return true
  }

  /// Whether our slice is not long over. The head should have said so by then: that it has not means that it finds no
  /// processor, and perhaps is waiting for ours, which it gets when we go to sleep in the queue.
  private var isInSlice: Bool {
    Moment.now < Int64(bitPattern: sliceEnd.load()) + slice / 2
  }

  /// Writes down who has it. Nil if it was not to be had yet.
  @inline(__always) func finish(_ locking: RobustMutex.Locking) throws(TurnError) -> Taking? {
    switch locking {
    case .locked, .fromTheDead: break
    case .busy, .timedOut: return nil
    case .mine: throw .takenTwice
    case .broken(let code): throw .broken(code: code)
    }
    owner.store(me)
    heldSince.store(UInt64(bitPattern: cfutex_now_coarse()))
    takes.store(takes.load() &+ 1)
    holderWord.store(me)
    if case .fromTheDead = locking { return .takenFromTheDead }
    return .taken
  }
}

/// The low bits of the word `head`.
enum HeadState {
  static let mask: UInt32 = 3
  static let nobody: UInt32 = 0
  /// It waits until the owner's slice is over.
  static let waits: UInt32 = 1
  /// The turn is its, as soon as it is given back.
  static let ready: UInt32 = 2
}
