internal import LMDBPlatform

/// The processes that have the page open, and whether they live.
///
/// A thread of each process holds a mutex in its slot as long as the page is open. When it dies, by whatever means, the
/// kernel marks the mutex; so neither a process ID that is used again nor a zombie nor a clock can deceive.
package final class Members: Sendable {
  private let mapping: Mapping
  package let me: MemberID
  private let myOldestSnapshot: Word64

  init(_ mapping: Mapping, me: MemberID) {
    self.mapping = mapping
    self.me = me
    myOldestSnapshot = Slot(mapping, me.slot).oldestSnapshot
  }

  /// Says since when the oldest open snapshot of this process is open; 0: none is. Not to be called after the end.
  @inline(__always)
  package func noteOldestSnapshot(since moment: UInt64) { myOldestSnapshot.store(moment) }

  /// Whether it has the page open. Makes no system call. The slot of a dead one is freed.
  package func isAlive(_ id: MemberID) -> Bool {
    if id == me { return !mapping.isForked }
    return Slot(mapping, id.slot).isAlive(id)
  }

  /// All that live, in the order of their slots.
  package func all() -> [MemberInfo] {
    (0..<Layout.memberCapacity).compactMap { number in
      let slot = Slot(mapping, number)
      guard let id = MemberID(rawValue: slot.id.load()), isAlive(id) else { return nil }
      return slot.info(id)
    }
  }

  /// Whether nobody else who lives has the page open.
  package var isAlone: Bool {
    (0..<Layout.memberCapacity).allSatisfy { number in
      guard let id = MemberID(rawValue: Slot(mapping, number).id.load()), id != me else { return true }
      return !isAlive(id)
    }
  }

  /// What is known of a member. Nil once its slot was freed.
  package func info(_ id: MemberID) -> MemberInfo? {
    Slot(mapping, id.slot).info(id)
  }

  func slot(_ id: MemberID) -> Slot { Slot(mapping, id.slot) }
}

/// A member's 256 bytes of the page.
struct Slot {
  private let mapping: Mapping
  private let start: Int

  init(_ mapping: Mapping, _ number: Int) {
    self.mapping = mapping
    start = Layout.membersStart + number * Layout.memberSize
  }

  var id: Word64 { mapping.word64(start + Layout.memberID) }
  var mutex: RobustMutex { mapping.mutex(start) }
  var waiters: Word32 { mapping.word32(start + Layout.memberWaiters) }
  var waitsSince: Word64 { mapping.word64(start + Layout.memberWaitsSince) }
  var oldestSnapshot: Word64 { mapping.word64(start + Layout.memberOldestSnapshot) }
  var grants: Word32 { mapping.word32(start + Layout.memberGrants) }
  private var processID: Word64 { mapping.word64(start + Layout.memberProcess) }
  private var processStart: Word64 { mapping.word64(start + Layout.memberProcessStart) }
  private var joined: Word64 { mapping.word64(start + Layout.memberJoined) }
  /// The name in pieces of 8 bytes, the first byte lowest.
  private var name: [Word64] {
    stride(from: 0, to: Layout.memberNameSize, by: 8).map { mapping.word64(start + Layout.memberName + $0) }
  }

  func isAlive(_ member: MemberID) -> Bool {
    guard id.load() == member.rawValue else { return false }
    switch mutex.tryLock() {
    case .busy:
      // Its thread has the mutex, or somebody else who is just finding out: then the ID goes.
      return id.load() == member.rawValue
    case .locked, .fromTheDead:
      // An ID stands only while the member's thread holds the mutex: who gets it finds a dead member. The ID is cleared
      // before the mutex is given up, so it cannot be that of a newcomer, who waits for the mutex.
      _ = id.compareExchange(member.rawValue, 0)
      waiters.store(0)
      _ = mutex.unlock()
      return false
    case .mine, .timedOut, .broken:
      return false
    }
  }

  /// Makes the slot this thread's, if it is nobody's or a dead one's.
  func claim() -> Bool {
    switch mutex.tryLock() {
    case .locked, .fromTheDead: true
    case .busy, .timedOut, .mine, .broken: false
    }
  }

  /// Nil if the slot is no longer that member's.
  func info(_ member: MemberID) -> MemberInfo? {
    guard id.load() == member.rawValue else { return nil }
    let bytes = name.flatMap { word in
      let piece = word.load()
      return (0..<8).map { UInt8(truncatingIfNeeded: piece >> ($0 * 8)) }
    }
    let info = MemberInfo(
      id: member,
      processID: Int32(truncatingIfNeeded: processID.load()),
      program: String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self),
      processStart: processStart.load(),
      joined: joined.load(),
      oldestSnapshot: oldestSnapshot.load()
    )
    // Should it have changed in between, what was read is of two members.
    return id.load() == member.rawValue ? info : nil
  }

  /// Writes everything but the ID.
  func describeThisProcess() {
    processID.store(UInt64(getpid()))
    processStart.store(ThisProcess.start)
    joined.store(unixMilliseconds())
    waiters.store(0)
    oldestSnapshot.store(0)
    let bytes = Array(ThisProcess.program.utf8)
    for (index, word) in name.enumerated() {
      let piece = bytes.dropFirst(index * 8).prefix(8)
      word.store(piece.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}
