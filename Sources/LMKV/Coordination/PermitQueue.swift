/// Who has something that a limited number can have at once, and who waits for it, in the order of their coming.
///
/// The record of a lock (one permit) or a semaphore in the file. There is none while nobody has it or waits.
struct PermitQueue: Codable, Equatable, Sendable {
  /// One acquisition by one process.
  struct Claim: Codable, Hashable, Sendable {
    /// The member of the control page that the process is.
    let member: UInt64
    /// The process.
    let process: Int32
    /// Tells it from other claims of the same process.
    let token: UInt64
    /// When it came, or when it got its permit; milliseconds since 1970.
    var since: Int64
  }

  /// What has become of a claim.
  enum Standing: Hashable, Sendable {
    case holding
    case waiting
    /// It is not there.
    case absent
  }

  var permits: Int
  var holders: [Claim] = []
  var waiters: [Claim] = []

  var isEmpty: Bool { holders.isEmpty && waiters.isEmpty }

  func standing(of token: UInt64, member: UInt64) -> Standing {
    func isMine(_ claim: Claim) -> Bool { claim.token == token && claim.member == member }
    if holders.contains(where: isMine) { return .holding }
    return waiters.contains(where: isMine) ? .waiting : .absent
  }

  /// Takes out the dead. Returns whether there were any.
  mutating func removeDead(_ isAlive: (Claim) -> Bool) -> Bool {
    let count = holders.count + waiters.count
    holders.removeAll { !isAlive($0) }
    waiters.removeAll { !isAlive($0) }
    return holders.count + waiters.count < count
  }

  /// Adds a claim: to the holders if a permit is free and nobody waits for it, else behind those who wait.
  mutating func enter(_ claim: Claim, waits: Bool) -> Standing {
    if holders.count < permits, waiters.isEmpty {
      holders.append(claim)
      return .holding
    }
    guard waits else { return .absent }
    waiters.append(claim)
    return .waiting
  }

  mutating func remove(_ token: UInt64, member: UInt64) {
    holders.removeAll { $0.token == token && $0.member == member }
    waiters.removeAll { $0.token == token && $0.member == member }
  }

  /// Gives free permits to those who come first. Returns them.
  mutating func promote(at now: Int64) -> [Claim] {
    let count = min(max(0, permits - holders.count), waiters.count)
    guard count > 0 else { return [] }
    let promoted = waiters.prefix(count).map {
      Claim(member: $0.member, process: $0.process, token: $0.token, since: now)
    }
    waiters.removeFirst(count)
    holders += promoted
    return promoted
  }
}
