// How claims are linked. All of it under the table's mutex.
extension ClaimTable {
  func record(_ link: UInt32) -> ClaimRecord? {
    link == 0 ? nil : ClaimRecord(mapping, Int(link) - 1)
  }

  func forEachClaim(of place: PlaceRecord, from link: UInt32, _ body: (ClaimRecord) -> Void) {
    var next = record(link)
    while let current = next {
      next = record(current.next.load())
      body(current)
    }
  }

  // MARK: Queues

  /// Puts a claim behind all others of its place.
  func append(_ record: ClaimRecord, to place: PlaceRecord) {
    let last = place.last.load()
    record.previous.store(last)
    record.next.store(0)
    if let last = self.record(last) { last.next.store(record.link) } else { place.first.store(record.link) }
    place.last.store(record.link)
    let holds = record.state == .holds
    record.counts.store(holds ? 1 : 0)
    if holds {
      _ = place.taken.add(1)
    } else if place.firstWaiting.load() == 0 {
      place.firstWaiting.store(record.link)
    }
  }

  func unlink(_ record: ClaimRecord, from place: PlaceRecord) {
    let (previous, next) = (record.previous.load(), record.next.load())
    if let previous = self.record(previous) { previous.next.store(next) } else { place.first.store(next) }
    if let next = self.record(next) { next.previous.store(previous) } else { place.last.store(previous) }
    if place.firstWaiting.load() == record.link { place.firstWaiting.store(next) }
    if record.counts.load() == 1 {
      record.counts.store(0)
      _ = place.taken.add(.max)
    }
  }

  /// Gives free permits to those who come first.
  func promote(_ place: PlaceRecord, _ grants: inout Grants) {
    while place.taken.load() < place.permits.load(), let record = record(place.firstWaiting.load()) {
      place.firstWaiting.store(record.next.load())
      guard lives(record) else {
        bury(record)
        continue
      }
      // Who gives up at this moment is taken out by ``removeGivenUp(_:)``.
      let waited = record.since.load()
      record.since.store(unixMilliseconds())
      guard record.change(record.number, .waits, to: .holds) else {
        record.since.store(waited)
        continue
      }
      record.counts.store(1)
      _ = place.taken.add(1)
      note(record, &grants)
    }
  }

  func freeIfEmpty(_ place: PlaceRecord) {
    guard place.isEmpty else { return }
    place.hash.publish(0)
    var used = placesUsed.load()
    while used > 0, PlaceRecord(mapping, Int(used) - 1).hash.load() == 0 { used -= 1 }
    placesUsed.store(used)
  }

  // MARK: Free records

  func takeFromFreeList() -> ClaimRecord? {
    guard let record = record(freeClaim.load()) else { return nil }
    freeClaim.store(record.next.load())
    return record
  }

  /// Its state is `free` already.
  func putOnFreeList(_ record: ClaimRecord) {
    record.next.store(freeClaim.load())
    freeClaim.store(record.link)
  }

  // MARK: Those who left

  /// Takes out all claims that were given up, and gives what they had to the next.
  func removeGivenUp(_ grants: inout Grants) {
    while let record = record(givenUp.loadInOrder()) {
      let place = PlaceRecord(mapping, Int(record.place.load()))
      let isOurs = record.state == .givenUp
      if isOurs {
        unlink(record, from: place)
        record.word.publish(0)
      }
      pop(record)
      guard isOurs else { continue }
      putOnFreeList(record)
      promote(place, &grants)
      freeIfEmpty(place)
    }
  }

  /// Takes it from the top of the stack, or from below what was put there meanwhile. Nobody else takes anything.
  private func pop(_ record: ClaimRecord) {
    let before = record.givenUpBefore.load()
    if givenUp.compareExchange(record.link, before).exchanged { return }
    var above = self.record(givenUp.loadInOrder())
    while let current = above, current.givenUpBefore.load() != record.link {
      above = self.record(current.givenUpBefore.load())
    }
    above?.givenUpBefore.store(before)
  }

  // MARK: The dead

  /// Whether the process lives whose claim it is. One that was killed lives until its last thread has found out.
  func lives(_ record: ClaimRecord) -> Bool {
    guard let member = MemberID(rawValue: record.member.load()) else { return false }
    return members.isAlive(member) || DyingProcess.isActive(Int32(bitPattern: record.process.load()))
  }

  /// Takes out the dead who have a permit, and those who come first in the queue.
  func removeDead(_ place: PlaceRecord, _ grants: inout Grants) {
    let end = place.firstWaiting.load()
    forEachClaim(of: place, from: place.first.load(), until: end) { record in
      if !lives(record) { bury(record) }
    }
    promote(place, &grants)
  }

  private func forEachClaim(of place: PlaceRecord, from: UInt32, until end: UInt32, _ body: (ClaimRecord) -> Void) {
    var next = from
    while next != end, let current = record(next) {
      next = current.next.load()
      body(current)
    }
  }

  /// Takes out a dead one's claim, unless that was given up in time: then it is on the stack, and taken from there.
  private func bury(_ record: ClaimRecord) {
    guard record.state != .givenUp || !isOnStack(record) else { return }
    unlink(record, from: PlaceRecord(mapping, Int(record.place.load())))
    record.word.publish(0)
    putOnFreeList(record)
  }

  private func isOnStack(_ record: ClaimRecord) -> Bool {
    var link = givenUp.loadInOrder()
    while let current = self.record(link), current.index != record.index { link = current.givenUpBefore.load() }
    return link != 0
  }

  /// Takes out all the dead, so that there is room.
  func removeAllDead() {
    for index in 0..<Int(claimsUsed.load()) {
      let record = ClaimRecord(mapping, index)
      guard record.state != .free, !lives(record) else { continue }
      let place = PlaceRecord(mapping, Int(record.place.load()))
      bury(record)
      freeIfEmpty(place)
    }
  }

  /// Links everything anew from the states of the claims: somebody died in the middle of a change.
  func linkAnew(_ grants: inout Grants) {
    // First the stack: a record that is free and still in it must not be used again.
    while let record = record(givenUp.loadInOrder()) {
      if record.state == .givenUp { record.word.publish(0) }
      pop(record)
    }
    let places = (0..<Int(placesUsed.load())).map { PlaceRecord(mapping, $0) }
    for place in places {
      for word in [place.first, place.last, place.firstWaiting, place.taken] { word.store(0) }
    }
    freeClaim.store(0)
    var used: [ClaimRecord] = []
    for index in (0..<Int(claimsUsed.load())).reversed() {
      let record = ClaimRecord(mapping, index)
      let isWanted = record.state == .givenUp && isOnStack(record) || record.state != .free && lives(record)
      if isWanted, Int(record.place.load()) < places.count {
        used.append(record)
      } else {
        record.word.publish(0)
        putOnFreeList(record)
      }
    }
    for record in used.sorted(by: { $0.number < $1.number }) { append(record, to: places[Int(record.place.load())]) }
    for place in places {
      promote(place, &grants)
      freeIfEmpty(place)
    }
  }

  // MARK: Looking

  /// The places that are in use, without the dead. Takes no mutex: what changes meanwhile may be there or not.
  package func infos() throws(ControlPageError) -> [PlaceInfo] {
    try mapping.checkFork()
    typealias Found = (hash: UInt64, name: PlaceName, permits: Int, claims: [(number: UInt64, info: ClaimInfo)])
    var found: [Int: Found] = [:]
    for index in 0..<Int(claimsUsed.load()) {
      let record = ClaimRecord(mapping, index)
      let word = record.word.loadInOrder()
      guard let state = ClaimRecord.State(rawValue: word & 3), state == .holds || state == .waits,
        let member = MemberID(rawValue: record.member.load()), members.isAlive(member),
        let info = members.info(member), case let number = Int(record.place.load()), number < Layout.placeCapacity
      else { continue }
      let claim = ClaimInfo(holds: state == .holds, member: info, since: Int64(clamping: record.since.load()))
      let place = PlaceRecord(mapping, number)
      let hash = place.hash.load()
      let new: Found? = found[number]?.hash == hash ? nil : (hash, place.name, Int(place.permits.load()), [])
      // It was this claim's place as long as the claim was what it is.
      guard record.word.loadInOrder() == word else { continue }
      if let new { found[number] = new }
      found[number]?.claims.append((word >> 2, claim))
    }
    return found.values.map { place in
      let claims = place.claims.sorted { ($0.info.holds ? 0 : 1, $0.number) < ($1.info.holds ? 0 : 1, $1.number) }
      return PlaceInfo(name: place.name, permits: place.permits, claims: claims.map(\.info))
    }
  }

  /// Who has the permits of a claim's place. At most three of them.
  package func holders(at claim: Claim) throws(ControlPageError) -> [ClaimInfo] {
    guard standing(of: claim) != .gone else { return [] }
    let name = PlaceRecord(mapping, claim.place).name
    let claims = try infos().first { $0.name == name }?.claims ?? []
    return Array(claims.filter(\.holds).prefix(3))
  }

  /// The same under the mutex, without those who are about to die.
  func holders(_ place: PlaceRecord) -> [ClaimInfo] {
    var holders: [ClaimInfo] = []
    var next = record(place.first.load())
    while let record = next, holders.count < 3 {
      next = self.record(record.next.load())
      guard record.state == .holds, let member = MemberID(rawValue: record.member.load()),
        let info = members.info(member)
      else { continue }
      holders.append(ClaimInfo(holds: true, member: info, since: Int64(clamping: record.since.load())))
    }
    return holders
  }
}
