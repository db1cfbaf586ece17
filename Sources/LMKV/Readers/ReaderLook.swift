internal import ControlPage
internal import LMDB
internal import Logging

/// One look after the other at the readers of an environment, with what must be remembered from one to the next.
struct ReaderLook {
  private struct Reader: Hashable {
    let processID: Int32
    let transactionID: UInt64
  }

  private static let interval: UInt64 = 1_000_000_000
  private static let sweepInterval: UInt64 = 2_000_000_000
  /// Who waits for longer than this for the turn to write wants to know for whom.
  private static let longWait = Duration.seconds(5)
  /// A reader that stays is reported again when it is twice as old, but at least so often.
  private static let longestSilence = Duration.seconds(60)

  private var lastLook: UInt64 = 0
  private var lastSweep: UInt64 = 0
  /// At which age a long reader is reported next.
  private var nextReports: [Reader: Duration] = [:]
  private var nextWaitReport = ReaderLook.longWait
  private var lastFailure = ""
  /// The last transaction, and at how many looks it was that, while nobody was reading.
  private var lastTransaction: UInt64 = 0
  private var quietLooks = 0

  /// Whether nobody has written or read for some looks, so that nothing can be due before somebody writes again.
  var isQuiet: Bool { quietLooks > 3 }

  /// Does what is due.
  mutating func take(_ environment: Environment, _ persistence: Persistence) {
    let now = MonotonicClock.nanoseconds
    guard now - lastLook >= Self.interval / 2 else { return }
    lastLook = now
    do {
      try sweep(environment, persistence, now)
      try reportLongReaders(environment, persistence)
      reportWaiting(persistence)
      try noteQuiet(environment)
    } catch {
      // Said once, and again when it is another one; the next look tries again.
      let failure = "\(error)"
      guard failure != lastFailure else { return }
      lastFailure = failure
      persistence.options.logger.error(
        "The readers could not be looked after: \(failure)",
        metadata: ["store": "\(persistence.directory)"]
      )
    }
  }

  private mutating func sweep(
    _ environment: Environment,
    _ persistence: Persistence,
    _ now: UInt64
  ) throws(LMDBError) {
    guard !persistence.options.isReadOnly, now - lastSweep >= Self.sweepInterval else { return }
    lastSweep = now
    guard persistence.mayHaveDeadReaders(try environment.readers()) else { return }
    _ = try persistence.sweepReaders(environment, patience: .milliseconds(100))
  }

  private mutating func noteQuiet(_ environment: Environment) throws(LMDBError) {
    let last = try environment.info().lastTransactionID
    defer { lastTransaction = last }
    let (readers, pin) = try environment.readersAndPin()
    let isRead = readers.indices.contains { $0 != pin && readers[$0].transactionID != nil }
    quietLooks = isRead || last != lastTransaction || nextWaitReport != Self.longWait ? 0 : quietLooks + 1
  }

  private mutating func reportLongReaders(
    _ environment: Environment,
    _ persistence: Persistence
  ) throws(LMDBError) {
    let limit = persistence.options.longReader
    let report = ReaderReport(environment)
    // The walk over the free pages is only worth it for somebody.
    guard report.oldestAge() ?? .zero >= limit else { return nextReports.removeAll() }
    var next: [Reader: Duration] = [:]
    for reader in try report.readers() {
      guard let age = reader.age, age >= limit, let transaction = reader.transactionID else { continue }
      let key = Reader(processID: reader.processID, transactionID: transaction)
      let due = nextReports[key] ?? limit
      next[key] = age < due ? due : age + min(age, Self.longestSilence)
      if age >= due { log(reader, age, transaction, environment, persistence) }
    }
    nextReports = next
  }

  private func log(
    _ reader: ReaderInfo,
    _ age: Duration,
    _ transaction: UInt64,
    _ environment: Environment,
    _ persistence: Persistence
  ) {
    let program = reader.program ?? "unknown"
    persistence.options.logger.warning(
      "A snapshot has been open for long, and keeps pages from being used again.",
      metadata: [
        "store": "\(environment.path)", "pid": "\(reader.processID)", "program": "\(program)",
        "seconds": "\(age.components.seconds)", "transaction": "\(transaction)", "pages": "\(reader.pinnedPages)",
      ]
    )
  }

  private mutating func reportWaiting(_ persistence: Persistence) {
    guard let control = persistence.control,
      let mine = control.turn.waiting.first(where: { $0.member.id == control.me }), mine.waitsFor >= Self.longWait
    else { return nextWaitReport = Self.longWait }
    guard mine.waitsFor >= nextWaitReport else { return }
    nextWaitReport = mine.waitsFor + min(mine.waitsFor, Self.longestSilence)
    let holder = control.turn.holder
    persistence.options.logger.warning(
      "This process has been waiting for long for its turn to write.",
      metadata: [
        "store": "\(persistence.directory)", "seconds": "\(mine.waitsFor.components.seconds)",
        "holder": "\(holder.map { "\($0.member.program)" } ?? "unknown")",
        "pid": "\(holder.map { "\($0.member.processID)" } ?? "unknown")",
        "held": "\(holder.map { "\($0.heldFor)" } ?? "unknown")",
      ]
    )
  }
}
