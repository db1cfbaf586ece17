internal import Synchronization

/// The queue of this process's writers, first come first served.
///
/// One thread at a time leads: it begins LMDB's transaction and runs in it what is queued, its own body included, until
/// the queue is empty or the batch is full. Then it commits once for all. Who finds the queue free and empty leads at
/// once, without an object or a lock. Who does not, waits until a leader has run its body, or until it is first in the
/// queue and nobody leads.
///
/// Nobody is *given* the leadership: the last leader wakes the first in the queue and goes on. A thread that comes by
/// earlier than that one wakes up leads meanwhile, but what it runs first is the queue. So order is kept, and no time
/// is lost with waking.
final class WriteQueue: Sendable {
  private struct List {
    var first: QueuedWrite?
    var last: QueuedWrite?
    /// How many are in it, and about how many of these were given up.
    var count = 0
    var givenUp = 0
  }

  private static let led: UInt8 = 1
  private static let occupied: UInt8 = 2

  /// Whether somebody leads, and whether the list has something in it. The latter changes under the list's lock.
  private let word = Atomic<UInt8>(0)
  private let list = Mutex(List())
  /// For how long a leader goes on running bodies, in nanoseconds. One that has begun is finished.
  let maxTime = Atomic<UInt64>(1_000_000)
  /// How many writes had their answers from the last batch. For the leader.
  let answered = Atomic(0)
  /// How many verbs of tasks ran without a queue. For the leader.
  private let atOnce = Atomic(0)
  /// Leads where the first in the queue is a task, which has no thread.
  let thread = WriterThread()
  private let deadlines = DeadlineTimer()

  // MARK: Leadership

  /// Takes the leadership if nobody has it and nobody waits.
  @inline(__always)
  func lead() -> Bool {
    word.compareExchange(expected: 0, desired: Self.led, ordering: .acquiring).exchanged
  }

  /// Takes the leadership if nobody has it. The queue may have something in it, which then comes first.
  func leadAnyway() -> Bool {
    word.bitwiseOr(Self.led, ordering: .acquiringAndReleasing).oldValue & Self.led == 0
  }

  /// Gives up the leadership, and wakes who is first in the queue.
  @inline(__always)
  func giveUpLead(wakesNext: Bool = true) {
    let (old, _) = word.bitwiseAnd(~Self.led, ordering: .acquiringAndReleasing)
    if old & Self.occupied != 0, wakesNext { wakeFirst() }
  }

  /// Whether somebody waits.
  var isOccupied: Bool { word.load(ordering: .relaxed) & Self.occupied != 0 }

  /// Whether the last batch was so small that there is no point in one.
  var isForFew: Bool { answered.load(ordering: .relaxed) <= 8 }

  /// Whether somebody leads.
  var isLed: Bool { word.load(ordering: .relaxed) & Self.led != 0 }

  /// Whether a transaction that begins now has to wait.
  var isBusy: Bool { isLed || isOccupied && count > 0 }

  /// Whether there is something that may run on the thread of `own`.
  func isWanted(by own: QueuedWrite?) -> Bool {
    guard isOccupied else { return false }
    return list.withLock { list in
      dropGivenUp(&list)
      guard let first = list.first else { return false }
      return !first.needsOwnThread || first === own
    }
  }

  /// Sees to it that somebody will lead if there is something to do and nobody does.
  func wakeFirst() {
    guard !isLed else { return }
    let first = list.withLock { list in
      dropGivenUp(&list)
      return list.first
    }
    first?.wake(self)
  }

  /// Notes that a verb of a task has run without a queue. Whether it is time for its thread to run other tasks.
  func noteAtOnce() -> Bool {
    atOnce.wrappingAdd(1, ordering: .relaxed).newValue % 32 == 0
  }

  // MARK: The list

  /// How many wait.
  var count: Int {
    list.withLock { list in
      var count = 0
      var next = list.first
      while let write = next {
        if !write.isGivenUp { count += 1 }
        next = write.next
      }
      return count
    }
  }

  /// Returns whether it is the first.
  @discardableResult
  func append(_ write: QueuedWrite) -> Bool {
    list.withLock { list in
      if let last = list.last { last.next = write } else { list.first = write }
      list.last = write
      list.count += 1
      word.bitwiseOr(Self.occupied, ordering: .acquiringAndReleasing)
      return list.first === write
    }
  }

  /// Takes the first write that may run on the thread of `own`. From then on its owner cannot give it up.
  ///
  /// - Parameter mayBlock: whether that may be the body of a user, or something that waits for the disk.
  func next(for own: QueuedWrite?, mayBlock: Bool = true) -> QueuedWrite? {
    guard isOccupied else { return nil }
    return list.withLock { list in
      while let first = list.first {
        let isUnfit = first.needsOwnThread && first !== own || !mayBlock && first.mayBlock
        if isUnfit, !first.isGivenUp { return nil }
        removeFirst(&list)
        if first.claim() { return first }
      }
      return nil
    }
  }

  /// Takes the first write if another process could do it, and otherwise this thread.
  func nextPlain(for own: QueuedWrite?) -> QueuedWrite? {
    guard isOccupied else { return nil }
    return list.withLock { list in
      while let first = list.first,
        first.isGivenUp || first.isDelegable && (!first.needsOwnThread || first === own)
      {
        removeFirst(&list)
        if first.claim() { return first }
      }
      return nil
    }
  }

  /// Takes tasks from the front of the queue, for whom there is no thread.
  func nextTask() -> QueuedWrite? {
    list.withLock { list in
      while let first = list.first, first.isTask {
        removeFirst(&list)
        if first.claim() { return first }
      }
      return nil
    }
  }

  /// Lets go of writes that were taken from the front. Those whose callers wanted to give up meanwhile are given up.
  func putBack(_ writes: [QueuedWrite]) {
    list.withLock { list in
      for write in writes.reversed() {
        write.next = list.first
        list.first = write
        if list.last == nil { list.last = write }
        write.letGo()
      }
      list.count += writes.count
      word.bitwiseOr(Self.occupied, ordering: .acquiringAndReleasing)
    }
    for write in writes { write.didReturn(to: self) }
  }

  // MARK: Giving up

  /// Sees to it that a task is given up when its time is over.
  func watch(_ deadline: UInt64) {
    guard deadline != .max else { return }
    deadlines.set(deadline) { [weak self] in self?.expire() }
  }

  private func expire() {
    let now = MonotonicClock.nanoseconds
    var next = UInt64.max
    let late = list.withLock { list in
      var late: [QueuedWrite] = []
      var write = list.first
      while let current = write {
        if current.isTask, !current.isGivenUp {
          if current.deadline <= now { late.append(current) } else { next = min(next, current.deadline) }
        }
        write = current.next
      }
      return late
    }
    for write in late { write.expire(in: self) }
    watch(next)
  }

  /// Notes that one of the list was given up. They leave it when they come first, or when they are the most.
  func noteGivenUp() {
    list.withLock { list in
      list.givenUp += 1
      guard list.givenUp > 32, list.givenUp > list.count / 2 else { return }
      let all = list
      list = List()
      var write = all.first
      while let current = write {
        write = current.next
        current.next = nil
        guard !current.isGivenUp else { continue }
        if let last = list.last { last.next = current } else { list.first = current }
        list.last = current
        list.count += 1
      }
      if list.first == nil { word.bitwiseAnd(~Self.occupied, ordering: .acquiringAndReleasing) }
    }
  }

  private func dropGivenUp(_ list: inout sending List) {
    while let first = list.first, first.isGivenUp { removeFirst(&list) }
  }

  private func removeFirst(_ list: inout sending List) {
    guard let first = list.first else { return }
    list.first = first.next
    first.next = nil
    list.count -= 1
    if first.isGivenUp { list.givenUp -= 1 }
    guard list.first == nil else { return }
    list.last = nil
    word.bitwiseAnd(~Self.occupied, ordering: .acquiringAndReleasing)
  }
}
