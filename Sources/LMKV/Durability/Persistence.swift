internal import ControlPage
internal import LMDB
internal import LMDBPlatform
internal import Logging
internal import Synchronization

/// How commits of this process come to the disk, together with those of all others on the same environment.
///
/// While little is written LMDB does it itself, with two syncs for each commit, and the file is *clean*: any LMDB program
/// may use it after a power failure. Under load the file is *dirty*: LMDB commits without a sync, and three things make
/// that safe.
///
/// - A **checkpoint** is a state of the data file that is wholly on the disk. The file `checkpoint` has its meta page.
/// - Pages that it needs are **guarded**: before LMDB may use one again, its image is in the file `checkpoint`, or else
///   a pinned snapshot keeps LMDB from doing so.
/// - The **redo log** has every commit since the checkpoint, while anybody asks for full durability. One sync of it
///   serves all commits, of all processes, that were written before it began.
///
/// After a power failure the first who opens the store puts the checkpoint's pages back and repeats the log.
// What is `var` here changes in `prepare` and `didOpen`, before anybody else has the object, or under the turn to write.
final class Persistence: EnvironmentCompanion, @unchecked Sendable {
  struct Options {
    var isReadOnly = false
    var fileMode: UInt32 = 0o600
    var boot = BootID.current
    var logger = Store.Configuration.defaultLogger
    /// After what time a snapshot is reported.
    var longReader = Duration.seconds(10)
    var limits = DurabilityLimits()
    /// Whether a pin is looked for. Tests say no, as if LMDB were another one.
    var mayPin = true
  }

  let directory: String
  let options: Options
  var limits: DurabilityLimits { options.limits }
  /// Nil where processes cannot share a page: on a read-only medium, and on a network file system.
  private(set) var control: ControlPage?
  private(set) var state: SharedState?
  /// What a recovery has yet to do when LMDB has opened the file.
  private var interrupted: CheckpointRecord?
  private(set) var files: Files?
  /// The snapshot of this process that is the pin, or was until another process got one.
  var pin: Pin? {
    didSet { hasPin.store(pin != nil, ordering: .relaxed) }
  }
  /// Whether there is one, for those who do not have the turn.
  let hasPin = Atomic(false)
  /// Whether this process cannot see LMDB's table of readers as it must to pin. The store stays clean then.
  var cannotPin: Bool
  let caretaker = Caretaker()
  /// Whether the caretaker was started.
  let hasCaretaker = Atomic(false)
  let readerWatch = ReaderWatch()
  /// Whether a transaction that may not wait for the disk has left images to the next one. For the leader of the queue.
  @safe @exclusivity(unchecked) var owesImages = false
  /// Used under the turn.
  @safe @exclusivity(unchecked) var growth = ReaderGrowth()

  /// The files beside LMDB's own.
  struct Files {
    let data: DataFile
    let checkpoint: CheckpointFile
    let redo: RedoLog
    let pages: PageBitmap
  }

  init(directory: String, options: Options) {
    self.directory = directory
    self.options = options
    cannotPin = !options.mayPin
  }

  var checkpointPath: String { directory + "/checkpoint" }
  var dataPath: String { directory + "/data.mdb" }
  var redoPath: String { directory + "/redo" }

  /// The files, which are created when they are first needed.
  func openFiles() throws(LMDBError) -> Files {
    if let files { return files }
    let opened = Files(
      data: try DataFile(dataPath, writable: true),
      checkpoint: try CheckpointFile(checkpointPath, mode: options.fileMode, creates: true),
      redo: try RedoLog(redoPath, mode: options.fileMode),
      pages: try PageBitmap(directory + "/pages", mode: options.fileMode)
    )
    try syncDirectory(directory)
    files = opened
    return opened
  }

  // MARK: Opening and closing

  func prepare(isFirst: Bool) throws(LMDBError) {
    control = try openControl(isFirst: isFirst)
    do {
      state = try control.map { (control) throws(ControlPageError) in try SharedState(control) }
    } catch {
      throw LMDBError(error)
    }
    // Others who live have the file open, and have recovered it.
    guard state.map({ $0[.generation] == 0 }) ?? true else { return }
    // What killed processes wrote is still in the kernel's memory, unless the machine was started anew since.
    if let newest = try CheckpointFile.newest(at: checkpointPath), !newest.isClean, newest.boot != options.boot {
      interrupted = try Recovery(self).restore(newest) ? newest : nil
    }
  }

  private func openControl(isFirst: Bool) throws(LMDBError) -> ControlPage? {
    // Readers create nothing; what they need of it they can do without.
    if options.isReadOnly, unsafe access(directory + "/control", R_OK | W_OK) != 0 { return nil }
    do {
      return try ControlPage.open(directory + "/control", mode: options.fileMode, isFirst: isFirst, boot: options.boot)
    } catch {
      throw LMDBError(error)
    }
  }

  func didOpen(_ environment: Environment) throws(LMDBError) {
    let newest = try CheckpointFile.newest(at: checkpointPath)
    if let interrupted { try Recovery(self).replay(interrupted, environment) }
    guard !options.isReadOnly else { return }
    if let state, state[.generation] == 0 { try beginPage(state, newest, environment) }
    // Where others write at the moment, they will sweep.
    _ = try sweepReaders(environment, patience: .zero)
  }

  private func beginPage(
    _ state: SharedState,
    _ newest: CheckpointRecord?,
    _ environment: Environment
  ) throws(LMDBError) {
    // The page is new. The log goes on behind everything that may still be in it.
    let end = (newest?.redoStart ?? 0) + 2 * (newest?.redoCapacity ?? 0)
    state[.redoEnd] = end
    state[.redoStart] = end
    state[.redoSynced] = end
    state[.redoCapacity] = newest?.redoCapacity ?? 0
    state[.lastTransaction] = try environment.info().lastTransactionID
    state[.generation] = max(newest?.generation ?? 0, 1)
    if let newest, !newest.isClean { try becomeClean(environment) }
  }

  func isClosing(_ environment: Environment) {
    guard pin != nil, let control, let state, !control.members.isAlone else { return }
    givePinUp(environment, control, state)
  }

  func willClose(_ environment: Environment) {
    defer { control?.close() }
    guard let control, let state, !options.isReadOnly else { return }
    if state.flag(.isDirty), control.members.isAlone {
      do throws(LMDBError) {
        try becomeClean(environment)
      } catch {
        // It stays dirty, and the next one to open it goes on from there.
      }
    }
    if pin != nil { givePinUp(environment, control, state) }
  }

  /// Makes the file one that needs neither checkpoint nor log, nor a pin. Nobody else may be writing.
  func becomeClean(_ environment: Environment) throws(LMDBError) {
    guard let state else { return }
    // As with a checkpoint: a record without a commit is left behind.
    if state.flag(.isChanging) { state[.redoEnd] += state[.redoCapacity] }
    // Who finds the mark, because we died, cannot tell which record the file has, and writes another one.
    state[.isChanging] = 1
    let files = try openFiles()
    try environment.sync()
    guard let meta = try files.data.newestMeta() else { throw LMDBError(.corrupted, "read \(dataPath)") }
    try files.checkpoint.write(
      CheckpointRecord(
        isClean: true,
        generation: state[.generation] + 1,
        boot: options.boot,
        meta: meta,
        redoStart: state[.redoEnd],
        redoCapacity: state[.redoCapacity]
      )
    )
    state[.generation] += 1
    state[.redoStart] = state[.redoEnd]
    state[.redoSynced] = state[.redoEnd]
    state[.isDirty] = 0
    state[.isLogging] = 0
    state[.isChanging] = 0
    state[.streak] = 0
    state[.flushDue] = 0
    releasePin(environment)
  }
}
