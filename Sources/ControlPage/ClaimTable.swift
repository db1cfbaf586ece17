internal import LMDBPlatform

/// Who has what is named, such as a lock or one of a semaphore's permits, and who queues for it, in all processes.
///
/// What is true is in the records of the claims: each is in one state, which changes by one atomic operation. Everything
/// else, such as the order in which they are linked, follows from that. It changes under a mutex that is held for about
/// a microsecond; when a process dies with it, the next one that gets it links all records anew.
///
/// To give up a claim needs no mutex: its state changes, it is put on a stack, and whoever has the mutex, or has it next,
/// takes it from there. So nobody who gives up ever waits for another process, even one that stands still.
package final class ClaimTable: Sendable {
  let mapping: Mapping
  let members: Members
  private let path: String
  private let mutex: RobustMutex
  private let lastNumber: Word64
  let claimsUsed: Word32
  private let claimsReserved: Word32
  let freeClaim: Word32
  let placesUsed: Word32
  private let placesReserved: Word32
  /// The claim that was given up last; each names the one before it.
  let givenUp: Word32
  /// Gives blocks to a part of the file. 0, or what went wrong.
  private let reserve: @Sendable (_ offset: Int, _ size: Int) -> Int32

  init(
    _ mapping: Mapping,
    _ members: Members,
    _ path: String,
    reserve: @escaping @Sendable (_ offset: Int, _ size: Int) -> Int32
  ) {
    self.mapping = mapping
    self.members = members
    self.path = path
    self.reserve = reserve
    mutex = mapping.mutex(Layout.claimsMutex)
    lastNumber = mapping.word64(Layout.lastClaimNumber)
    claimsUsed = mapping.word32(Layout.claimsUsed)
    claimsReserved = mapping.word32(Layout.claimsReserved)
    freeClaim = mapping.word32(Layout.freeClaim)
    placesUsed = mapping.word32(Layout.placesUsed)
    placesReserved = mapping.word32(Layout.placesReserved)
    givenUp = mapping.word32(Layout.givenUpClaim)
  }

  package static var claimCapacity: Int { Layout.claimCapacity }
  package static var placeCapacity: Int { Layout.placeCapacity }

  /// What came of a claim.
  package enum Entering: Hashable, Sendable {
    case holds(Claim)
    case waits(Claim)
    /// There was no permit, and it was not to wait. With those who have them, at most three.
    case taken([ClaimInfo])
    /// Those who have it share another number of permits.
    case otherPermits(Int)
    /// Nobody could look: a process stands still in the middle of a change.
    case busy
    /// The table holds no more claims, or no more names.
    case full
    /// The system gave no blocks: `errno`.
    case noBlocks(Int32)
  }

  /// Places where claims of this process were granted what they waited for, or dismissed. For who waits in this process; the
  /// other processes were woken.
  package struct Grants {
    package fileprivate(set) var places: [Int] = []
    fileprivate var others: [MemberID] = []

    package init() {}
  }

  // MARK: Coming and going

  /// Claims a permit: takes it if one is free and nobody waits for it, else queues.
  ///
  /// - Parameter patience: how long to wait for a process that stands still in the middle of a change.
  package func enter(
    _ name: PlaceName,
    permits: Int,
    waits: Bool,
    patience: Duration,
    _ grants: inout Grants
  ) throws(ControlPageError) -> Entering {
    precondition(name.bytes.count <= PlaceName.capacity, "a name of \(name.bytes.count) bytes")
    return try change(patience: patience, &grants) { grants in enter(name, permits, waits, &grants) } ?? .busy
  }

  private func enter(_ name: PlaceName, _ permits: Int, _ waits: Bool, _ grants: inout Grants) -> Entering {
    // Before its place: in a full table this takes out the dead, and the places where nobody else was.
    let record: ClaimRecord
    switch newClaim() {
    case .success(let free): record = free
    case .failure(let refusal): return refusal.entering
    }
    var isUsed = false
    defer { if !isUsed { putOnFreeList(record) } }
    let place: PlaceRecord
    switch findOrMake(name) {
    case .success(let found): place = found
    case .failure(let refusal): return refusal.entering
    }
    defer { freeIfEmpty(place) }
    let wanted = UInt32(clamping: permits)
    func hasRoom() -> Bool {
      if place.isEmpty { place.permits.store(wanted) }
      return place.permits.load() == wanted && place.taken.load() < wanted && place.firstWaiting.load() == 0
    }
    var isFree = hasRoom()
    if !isFree {
      removeDead(place, &grants)
      isFree = hasRoom()
    }
    guard place.permits.load() == wanted else { return .otherPermits(Int(place.permits.load())) }
    guard isFree || waits else { return .taken(holders(place)) }
    let number = lastNumber.add(1)
    record.member.store(members.me.rawValue)
    record.process.store(UInt32(bitPattern: getpid()))
    record.place.store(UInt32(place.index))
    record.since.store(unixMilliseconds())
    record.word.publish(ClaimRecord.word(number, isFree ? .holds : .waits))
    isUsed = true
    append(record, to: place)
    let claim = Claim(number: number, place: place.index, index: record.index)
    return isFree ? .holds(claim) : .waits(claim)
  }

  /// What has become of it.
  package func standing(of claim: Claim) -> Claim.Standing {
    let word = ClaimRecord(mapping, claim.index).word.loadInOrder()
    guard word >> 2 == claim.number else { return .gone }
    return switch ClaimRecord.State(rawValue: word & 3) {
    case .waits: .waits
    case .holds: .holds
    case .free, .givenUp, nil: .gone
    }
  }

  /// Gives a claim up, whatever it has. Waits for nobody.
  package func leave(_ claim: Claim, _ grants: inout Grants) {
    // Who gave the permit just now was quicker.
    while standing(of: claim) != .gone {
      if withdraw(claim, .holds, &grants) || withdraw(claim, .waits, &grants) { return }
    }
  }

  /// Gives up a claim that waits. False when it waits no longer. Waits for nobody.
  package func leaveQueue(_ claim: Claim, _ grants: inout Grants) -> Bool {
    withdraw(claim, .waits, &grants)
  }

  private func withdraw(_ claim: Claim, _ state: ClaimRecord.State, _ grants: inout Grants) -> Bool {
    // In a forked child it is the parent's.
    guard !mapping.isForked else { return true }
    let record = ClaimRecord(mapping, claim.index)
    guard record.change(claim.number, state, to: .givenUp) else { return false }
    var before: UInt32
    repeat {
      before = givenUp.loadInOrder()
      record.givenUpBefore.store(before)
    } while !givenUp.compareExchange(before, record.link).exchanged
    settle(&grants)
    return true
  }

  /// Ends the wait of all who queue at the place of a claim: what they waited for is done.
  package func dismiss(_ claim: Claim, patience: Duration, _ grants: inout Grants) throws(ControlPageError) {
    _ = try change(patience: patience, &grants) { grants in
      guard standing(of: claim) == .holds else { return }
      let place = PlaceRecord(mapping, claim.place)
      forEachClaim(of: place, from: place.firstWaiting.load()) { record in
        guard record.change(record.number, .waits, to: .free) else { return }
        note(record, &grants)
        unlink(record, from: place)
        putOnFreeList(record)
      }
    }
  }

  /// Removes the dead from a place, and gives what they had to the next. Somebody may have died.
  ///
  /// - Returns: false where somebody is about to die who has a permit, or nobody could look: look again soon.
  package func look(_ place: Int, patience: Duration, _ grants: inout Grants) throws(ControlPageError) -> Bool {
    try change(patience: patience, &grants) { grants in
      let place = PlaceRecord(mapping, place)
      guard place.index < placesUsed.load(), place.hash.load() != 0 else { return true }
      removeDead(place, &grants)
      let isDone = holders(place).count == min(3, Int(place.taken.load()))
      freeIfEmpty(place)
      return isDone
    } ?? false
  }

  // MARK: Sleeping

  /// One more each time that a claim of this process got something from another process.
  package var grantCount: UInt32 { members.slot(members.me).grants.loadInOrder() }

  /// Sleeps while ``grantCount`` has that value. True when the time was over.
  package func sleep(while count: UInt32, timeout: Duration) -> Bool {
    let nanoseconds = Moment.after(timeout).map { max(0, $0 - Moment.now) } ?? -1
    return members.slot(members.me).grants.wait(count, timeout: nanoseconds) == .timedOut
  }

  /// Wakes who sleeps in this process.
  package func wakeSleeper() { tell(members.me) }

  private func tell(_ member: MemberID) {
    let word = members.slot(member).grants
    _ = word.add(1)
    word.wake()
  }

  /// Notes that a claim, which others have changed, is to be looked at by its process.
  func note(_ record: ClaimRecord, _ grants: inout Grants) {
    guard let member = MemberID(rawValue: record.member.load()) else { return }
    if member == members.me {
      let place = Int(record.place.load())
      if !grants.places.contains(place) { grants.places.append(place) }
    } else if !grants.others.contains(member) {
      grants.others.append(member)
    }
  }

  // MARK: The mutex

  /// Runs `body` with the mutex. Nil where somebody has it for too long.
  private func change<R>(
    patience: Duration,
    _ grants: inout Grants,
    _ body: (inout Grants) -> R
  ) throws(ControlPageError) -> R? {
    var result: R?
    guard try lock(patience: patience, &grants) else { return nil }
    removeGivenUp(&grants)
    result = body(&grants)
    unlock(&grants)
    settle(&grants)
    return result
  }

  /// Removes what was given up. Where somebody has the mutex, he does it: here, when he has given it back.
  private func settle(_ grants: inout Grants) {
    // A page that is broken is told to who enters.
    while givenUp.loadInOrder() != 0, (try? lock(patience: .zero, &grants)) == true {
      removeGivenUp(&grants)
      unlock(&grants)
    }
  }

  private func lock(patience: Duration, _ grants: inout Grants) throws(ControlPageError) -> Bool {
    try mapping.checkFork()
    var locking = mutex.tryLock()
    if case .busy = locking, patience > .zero { locking = mutex.lock(until: Moment.after(patience)) }
    switch locking {
    case .locked: return true
    case .fromTheDead:
      linkAnew(&grants)
      return true
    case .busy, .timedOut: return false
    case .mine, .broken: throw .damaged(path: path)
    }
  }

  private func unlock(_ grants: inout Grants) {
    _ = mutex.unlock()
    for member in grants.others { tell(member) }
    grants.others = []
  }

  // MARK: Room

  private enum Refusal: Error {
    case full
    case noBlocks(Int32)

    var entering: Entering {
      switch self {
      case .full: .full
      case .noBlocks(let code): .noBlocks(code)
      }
    }
  }

  private func findOrMake(_ name: PlaceName) -> Result<PlaceRecord, Refusal> {
    let hash = name.hash
    var free = Int(placesUsed.load())
    for index in (0..<free).reversed() {
      let place = PlaceRecord(mapping, index)
      let found = place.hash.load()
      if found == hash, place.hasName(name) { return .success(place) }
      if found == 0 { free = index }
    }
    if free == Layout.placeCapacity {
      removeAllDead()
      guard let freed = (0..<free).first(where: { PlaceRecord(mapping, $0).hash.load() == 0 }) else {
        return .failure(.full)
      }
      free = freed
    }
    let reserved = Int(placesReserved.load())
    if free >= reserved {
      if reserved == 0 {
        let code = reserve(Layout.placeHashesStart, Layout.placesStart - Layout.placeHashesStart)
        guard code == 0 else { return .failure(.noBlocks(code)) }
      }
      let start = Layout.placesStart + reserved * Layout.placeSize
      let code = reserve(start, Layout.placeStep * Layout.placeSize)
      guard code == 0 else { return .failure(.noBlocks(code)) }
      placesReserved.store(UInt32(reserved + Layout.placeStep))
    }
    let place = PlaceRecord(mapping, free)
    place.begin(name)
    if free >= Int(placesUsed.load()) { placesUsed.store(UInt32(free + 1)) }
    return .success(place)
  }

  private func newClaim() -> Result<ClaimRecord, Refusal> {
    if let record = takeFromFreeList() { return .success(record) }
    let used = Int(claimsUsed.load())
    guard used < Layout.claimCapacity else {
      removeAllDead()
      return takeFromFreeList().map { .success($0) } ?? .failure(.full)
    }
    let reserved = Int(claimsReserved.load())
    if used >= reserved {
      let code = reserve(Layout.claimsStart + reserved * Layout.claimSize, Layout.claimStep * Layout.claimSize)
      guard code == 0 else { return .failure(.noBlocks(code)) }
      claimsReserved.store(UInt32(reserved + Layout.claimStep))
    }
    let record = ClaimRecord(mapping, used)
    record.word.store(0)
    claimsUsed.store(UInt32(used + 1))
    return .success(record)
  }
}
