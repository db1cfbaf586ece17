internal import ControlPage
internal import LMDB
internal import LMDBPlatform
internal import Logging

extension Persistence {
  func noteOldestSnapshot(since moment: UInt64) {
    control?.members.noteOldestSnapshot(since: moment)
  }

  /// Frees the slots of dead readers, and so the pages that they kept from being used again.
  ///
  /// A dead process may be the one whose pin protects the checkpoint. Its slot must not go in the middle of another's
  /// transaction, nor before there is a new checkpoint; hence the turn.
  func sweepReaders(_ environment: Environment) throws(LMDBError) -> Int {
    try sweepReaders(environment, patience: .milliseconds(50))
  }

  /// - Parameter patience: how long to wait for the turn to write; when it does not come, nothing is swept.
  func sweepReaders(_ environment: Environment, patience: Duration) throws(LMDBError) -> Int {
    guard let turn = control?.turn else { return try environment.sweepDeadReaders() }
    // This thread has the turn already. Where a checkpoint must come first its transaction is in the way.
    if environment.isWritingOnThisThread { return try sweepInTurn(environment, mayCheckpoint: false) }
    do throws(TurnError) {
      if patience > .zero {
        _ = try turn.take(timeout: patience)
      } else if try turn.tryTake() == nil {
        return 0
      }
    } catch {
      switch error {
      case .timedOut: return 0
      case .takenTwice: return try sweepInTurn(environment, mayCheckpoint: false)
      case .forked: throw LMDBError(.forked, "sweep dead readers")
      case .broken(let code): throw LMDBError(.init(rawValue: code), "take the turn to sweep dead readers")
      }
    }
    defer { turn.release() }
    return try sweepInTurn(environment, mayCheckpoint: !options.isReadOnly)
  }

  /// The same, under the turn.
  func sweepInTurn(_ environment: Environment, mayCheckpoint: Bool) throws(LMDBError) -> Int {
    if let state, state.flag(.isDirty), state[.pinOwner] != 0, state.flag(.isChanging) || !isPinned(environment) {
      guard mayCheckpoint, !state.flag(.isBroken) else { return 0 }
      try checkpointNow(environment)
    }
    let count = try environment.sweepDeadReaders()
    if count > 0 {
      options.logger.info(
        "Readers that had died were swept; the pages they kept can be used again.",
        metadata: ["store": "\(directory)", "slots": "\(count)"]
      )
    }
    return count
  }

  /// Whether the table has slots of processes that are no living members: dead ones, or other programs.
  func mayHaveDeadReaders(_ readers: [Environment.Reader]) -> Bool {
    guard let control else { return !readers.isEmpty }
    let living = Set(control.members.all().map(\.processID))
    return readers.contains { !living.contains($0.processID) }
  }
}
