/// What a layer above does when an environment opens and closes, while nobody else opens or closes it.
///
/// It belongs to the environment, of which a process has one for a file, and so is the place for what a layer above
/// wants to have once for a file and process.
package protocol EnvironmentCompanion: AnyObject, Sendable {
  /// Called before LMDB reads the data file.
  ///
  /// - Parameters:
  ///   - isFirst: whether surely no other process has the environment open through this library.
  ///   - work: for what takes long, which others wait for.
  func prepare(isFirst: Bool, _ work: OpeningWork) throws(LMDBError)

  /// Called when LMDB has opened the files. The environment must not be kept.
  func didOpen(_ environment: Environment) throws(LMDBError)

  /// Called when the last reference to the environment is gone, while others may still open and close it: the place for
  /// what waits for them. The environment must not be kept.
  func isClosing(_ environment: Environment)

  /// Called after that, before LMDB closes the files. The environment must not be kept.
  func willClose(_ environment: Environment)

  /// Called whenever another snapshot of this process is the oldest that is open: since when it is, in nanoseconds of
  /// ``CoarseClock``; 0 when none is open. Called under a lock, for each read: it must be quick and must not read.
  func noteOldestSnapshot(since moment: UInt64)

  /// Frees the slots of dead readers when that is safe, and says how many it were.
  ///
  /// A new opening leaves this to ``didOpen(_:)``.
  func sweepReaders(_ environment: Environment) throws(LMDBError) -> Int
}
