internal import ControlPage
internal import Foundation
internal import LMDB
internal import LMDBPlatform

/// Puts together what is known of the readers: LMDB's table, the members of the control page, the list of free pages.
struct ReaderReport {
  private let environment: Environment
  private let members: [Int32: MemberInfo]
  private let now = CoarseClock.nanoseconds

  init(_ environment: Environment) {
    self.environment = environment
    let persistence = environment.companion as? Persistence
    let all = persistence?.control?.members.all() ?? []
    members = Dictionary(all.map { ($0.processID, $0) }) { $1 }
  }

  /// The age of the oldest snapshot of a member, as far as it has one open.
  func oldestAge() -> Duration? {
    members.values.lazy.map(\.oldestSnapshot).filter { $0 != 0 }.min().map { since in
      .nanoseconds(Int64(clamping: now > since ? now - since : 0))
    }
  }

  func readers() throws(LMDBError) -> [ReaderInfo] {
    let (table, pin) = try environment.readersAndPin()
    let free = try freedPages(ifAny: table)
    let ages = ages(table, besides: pin)
    var programs: [Int32: String?] = [:]
    var readers: [ReaderInfo] = []
    for (index, reader) in table.enumerated() {
      let program = programs[reader.processID] ?? program(of: reader.processID)
      programs[reader.processID] = program
      let pinned = reader.transactionID.map { own in free.reduce(0) { $1.transaction >= own ? $0 + $1.count : $0 } }
      readers.append(
        ReaderInfo(
          processID: reader.processID,
          program: program,
          isAlive: members[reader.processID] != nil || kill(reader.processID, 0) == 0 || errno != ESRCH,
          transactionID: reader.transactionID,
          age: ages[index],
          pinnedPages: pinned ?? 0,
          isCheckpoint: index == pin
        )
      )
    }
    return readers.sorted {
      ($0.transactionID ?? .max, $0.processID) < ($1.transactionID ?? .max, $1.processID)
    }
  }

  /// The ages that the members tell: of the oldest snapshot of each, which is the one with the oldest transaction.
  private func ages(_ table: [Environment.Reader], besides pin: Int?) -> [Int: Duration] {
    var oldest: [Int32: Int] = [:]
    for (index, reader) in table.enumerated() where index != pin {
      guard let transaction = reader.transactionID else { continue }
      let other = oldest[reader.processID].flatMap { table[$0].transactionID }
      if transaction < other ?? .max { oldest[reader.processID] = index }
    }
    var ages: [Int: Duration] = [:]
    for (processID, index) in oldest {
      guard let since = members[processID]?.oldestSnapshot, since != 0 else { continue }
      ages[index] = .nanoseconds(Int64(clamping: now > since ? now - since : 0))
    }
    return ages
  }

  /// How many pages each transaction has freed that could be used by the next one, if no reader were in the way.
  private func freedPages(ifAny table: [Environment.Reader]) throws(LMDBError) -> [(transaction: UInt64, count: Int)] {
    guard table.contains(where: { $0.transactionID != nil }) else { return [] }
    let pin = try environment.beginPin()
    defer { environment.endPin(pin) }
    let last = unsafe pin.raw.id
    var counts: [(transaction: UInt64, count: Int)] = []
    try unsafe FreeList.forEachRecord(pin.raw) { transaction, count in
      // What the last one has freed is not used by the next one in any case.
      if transaction < last { counts.append((transaction, count)) }
    }
    return counts
  }

  private func program(of processID: Int32) -> String? {
    if let member = members[processID] { return member.program }
    guard let name = try? String(contentsOfFile: "/proc/\(processID)/comm", encoding: .utf8) else { return nil }
    return name.trimmingCharacters(in: .newlines)
  }
}

extension FreeList {
  /// Calls `body` with each transaction that freed pages which nobody has used since, and how many these are.
  static func forEachRecord(
    _ snapshot: RawTransaction,
    _ body: (_ transaction: UInt64, _ count: Int) -> Void
  ) throws(LMDBError) {
    let cursor = unsafe try RawCursor(snapshot, 0)
    defer { unsafe cursor.close() }
    var entry = unsafe try cursor.move(.first)
    while let record = unsafe entry {
      if unsafe record.key.count == 8, unsafe record.value.count >= 8 {
        let count = unsafe record.value.loadUnaligned(as: UInt64.self)
        unsafe body(record.key.loadUnaligned(as: UInt64.self), Int(clamping: count))
      }
      unsafe entry = try cursor.move(.next)
    }
  }
}
