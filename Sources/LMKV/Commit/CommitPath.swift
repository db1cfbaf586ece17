internal import LMDB

/// A commit that others see already, and that may not be on the disk yet.
struct CommitTicket: Sendable {
  /// Whether there is nothing to wait for.
  let isDurable: Bool
}

/// How transactions of this process begin and become durable: the seam between the write queue and the disk.
///
/// One for each environment. It is called by the leader of the queue only, except ``waitUntilDurable(_:)``, which runs
/// after the leadership was given up, so that the next batch can run meanwhile.
final class CommitPath: Sendable {
  let environment: Environment
  private let flusher: Flusher

  init(_ environment: Environment) {
    self.environment = environment
    flusher = Flusher(environment)
  }

  /// Begins the write transaction, as soon as no other process writes.
  // The deadline cannot be kept yet: LMDB's lock knows no timeout.
  func begin(deadline: ContinuousClock.Instant?) throws -> WriteTransaction {
    try environment.beginWrite()
  }

  /// Commits. Afterwards everybody sees the transaction, or, after an error, nobody ever will.
  func commit(
    _ writing: consuming WriteTransaction,
    revision: UInt64,
    durability: Durability
  ) throws -> CommitTicket {
    switch durability {
    case .full:
      try writing.commit(.full)
    case .relaxed(let interval):
      try flusher.checkHealth()
      try writing.commit(.unsafeNone)
      flusher.noteCommit(flushWithin: interval)
    }
    return CommitTicket(isDurable: true)
  }

  /// Waits until a commit is as durable as it was asked for.
  func waitUntilDurable(_ ticket: CommitTicket) throws {}

  /// Brings relaxed commits to the disk now.
  func flush() throws {
    try flusher.flushNow()
  }

  /// The same, at the end: what is committed later is flushed by nobody.
  func stop() throws {
    try flusher.stop()
  }
}
