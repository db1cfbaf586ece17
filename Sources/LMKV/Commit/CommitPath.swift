internal import ControlPage
internal import LMDB
internal import Synchronization

/// How transactions of this process begin and become durable: the seam between the write queue and the disk.
///
/// One for each environment. It is called by the leader of the queue only, except ``waitUntilDurable(_:)``, which runs
/// after the leadership was given up, so that the next batch can run meanwhile.
// `hasTurn` and `mail` are used by the leader of the queue only. The optional constants are used with `?` and not unwrapped into others,
// which would count the references to them.
final class CommitPath: @unchecked Sendable {
  let environment: Environment
  /// Nil for an environment that another part of the program had opened before, by itself.
  let persistence: Persistence?
  let turn: Turn?
  /// Whether this process has the turn to write among all processes.
  @safe @exclusivity(unchecked) private(set) var hasTurn = false
  /// What the batch that runs does for other processes.
  @safe @exclusivity(unchecked) var mail: [TakenLetter] = []

  init(_ environment: Environment) {
    self.environment = environment
    persistence = environment.companion as? Persistence
    turn = persistence?.control?.turn
  }

  /// Begins the write transaction, as soon as no other process writes.
  ///
  /// - Parameters:
  ///   - timeout: how long to wait for other processes. A duration and not a moment, which costs as much as a lock to pass.
  ///   - durability: what the commit will probably have to wait for.
  ///   - mayBlock: whether this thread may wait for the disk, if there is a choice.
  func begin(timeout: Duration?, _ durability: Durability, mayBlock: Bool = true) throws -> WriteTransaction {
    if !hasTurn {
      try prepareForTurn()
      _ = try takeTurn { (turn) throws(TurnError) in try turn.take(timeout: timeout) }
    }
    persistence?.state?[.isForFull] = durability == .full ? 1 : 0
    guard let persistence else { return try environment.beginWrite() }
    do throws(LMDBError) {
      return try persistence.begin(environment, durability, mayBlock: mayBlock)
    } catch {
      guard error.code == .mapInUse else { throw error }
      // For this process's readers nobody else shall wait.
      endTurn()
      try environment.adoptLargerMap(patience: Self.readerPatience)
      return try begin(timeout: timeout, durability, mayBlock: mayBlock)
    }
  }

  /// For how many seconds a writer waits for the readers of its own process, where these keep the map from growing.
  private static let readerPatience = 1.0

  var control: ControlPage? { persistence?.control }

  /// What is done before this process has the turn: the map grows, for whose readers nobody else shall wait, and the watch of the
  /// readers says for whom this process waits.
  private func prepareForTurn(mayWait: Bool = true) throws {
    try environment.growIfNeeded(mayWait: mayWait)
    if let persistence { persistence.readerWatch.start(environment, persistence) }
  }

  /// Takes the turn for a relaxed commit, if there is nothing to wait for: neither others nor the disk.
  func takeTurnAtOnce() throws -> Bool {
    guard let persistence, persistence.needsNoDisk else { return false }
    try prepareForTurn(mayWait: false)
    return try takeTurn { (turn) throws(TurnError) in try turn.tryTake() }
  }

  /// Takes the turn for a batch, if nobody else has it or comes first. True also where there is none, but for LMDB's lock.
  func takeTurnIfFree() throws -> Bool {
    guard !hasTurn, control != nil else { return true }
    try prepareForTurn()
    return try takeTurn { (turn) throws(TurnError) in try turn.tryTake() }
  }

  /// Waits for the turn, as long as somebody wants it. False when nobody does any more.
  func takeTurn(timeout: Duration?, while isWanted: () -> Bool) throws -> Bool {
    try takeTurn { (turn) throws(TurnError) in try turn.take(timeout: timeout, while: isWanted) }
  }

  /// Takes the turn, and puts in order what a dead one has left. Returns whether this process has it now.
  ///
  /// After an error, too, it may have it.
  func takeTurn(_ take: (Turn) throws(TurnError) -> Turn.Taking?) throws -> Bool {
    guard let control else { return false }
    do throws(TurnError) {
      hasTurn = try take(control.turn) != nil
    } catch {
      throw LMKVError(error, environment.path)
    }
    guard hasTurn else { return false }
    control.mailboxes.claim()
    try settleMail()
    return true
  }

  /// Commits. Afterwards everybody sees the transaction, or, after an error, nobody ever will.
  func commit(
    _ writing: consuming WriteTransaction,
    _ head: Head,
    durability: Durability
  ) throws -> CommitTicket {
    if persistence == nil {
      try writing.commit(durability == .full ? .full : .dataOnly)
      return CommitTicket()
    }
    for letter in mail { letter.markExecuted(transaction: writing.id) }
    let ticket = try persistence?.commit(environment, writing, head, durability) ?? CommitTicket()
    putMailDown(position: ticket.redoPosition)
    endTurn(handOver: ticket.redoPosition != nil)
    return ticket
  }

  /// Ends a batch that has changed nothing.
  func commitNothing() {
    for letter in mail { letter.writeAnswers() }
    putMailDown(position: nil)
    endTurn()
  }

  /// Hands out what the batch did for other processes, for the answers. The turn is over.
  func collectMail() -> [TakenLetter] {
    defer { mail = [] }
    return mail
  }

  /// Ends a batch that has failed.
  func endFailed() {
    mail = []
    // If even that fails, it is done by whoever has the turn next.
    if hasTurn { _ = try? settleMail() }
    endTurn()
  }

  /// Lets other processes write, if they could not before. The leader's last word.
  func endTurn(handOver: Bool = false) {
    guard hasTurn, let turn else { return }
    hasTurn = false
    turn.release(handOver: handOver || turn.shouldPass)
    // Those with letters wait for the sync that follows now.
    if !handOver { nudge() }
  }

  /// Waits until a commit is as durable as it was asked for. Others see it already, so no error says that it failed.
  func waitUntilDurable(_ ticket: CommitTicket) throws(LMKVError) {
    do {
      try persistence?.waitUntilDurable(ticket)
    } catch {
      throw .outcomeUnknown(environment.path, unsynced: error)
    }
  }

  /// Brings relaxed commits to the disk now.
  func flush() throws {
    try persistence?.flush(environment)
  }

  /// The same, at the end: what is committed later is flushed by nobody. False when a thread is left to wait for others.
  func stop(until deadline: UInt64) throws -> Bool {
    persistence?.readerWatch.stop()
    try flush()
    // A store that is opened while somebody still has the environment starts it again.
    persistence?.hasCaretaker.store(false, ordering: .relaxed)
    persistence?.caretaker.stop()
    return persistence?.leavePin(environment, until: deadline) ?? true
  }
}
