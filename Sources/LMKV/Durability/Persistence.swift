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
/// - The **redo log** has every commit since the checkpoint, before LMDB makes it. One sync of it serves all commits, of
///   all processes, that were written before it began.
///
/// Whoever opens a store that is dirty, and that nobody has open, puts the checkpoint's pages back and repeats the log: see
/// ``Recovery``.
// What is `var` here changes in `prepare` and `didOpen`, before anybody else has the object, or under the turn to write.
final class Persistence: EnvironmentCompanion, @unchecked Sendable {
  struct Options {
    var isReadOnly = false
    var fileMode: UInt32 = 0o600
    /// How large the opener wants the data file to be at most, in bytes.
    var maxSize: Int?
    var boot = BootID.current
    var logger = Store.Configuration.defaultLogger
    /// After what time a snapshot is reported.
    var longReader = Duration.seconds(10)
    var limits = DurabilityLimits()
    /// Whether a pin is looked for. Tests say no, as if LMDB were another one.
    var mayPin = true
    /// Whether the log and the marks may be written through memory. Tests that record what is written say no.
    var mayMap = true
    /// Whether a sync has failed when the store was open last, as far as that is known.
    var hadFailedSync = false
  }

  let paths: StorePaths
  let options: Options
  var limits: DurabilityLimits { options.limits }
  /// Nil where processes cannot share a page: on a read-only medium, and on a network file system.
  private(set) var control: ControlPage?
  private(set) var state: SharedState?
  /// What the file `checkpoint` said when nobody had the store open.
  private var newest: CheckpointRecord?
  /// Open while the store is dirty.
  private let openedFiles = Mutex<Files?>(nil)
  /// Whether the directory is on the disk as it was when the files were opened first.
  private let hasSyncedDirectory = Atomic(false)
  /// The data file as LMDB has it open.
  private var data: DataFile?
  /// The snapshot of this process that is the pin, or was until another process got one.
  var pin: Pin? {
    didSet { hasPin.store(pin != nil, ordering: .relaxed) }
  }
  /// Whether there is one, for those who do not have the turn.
  let hasPin = Atomic(false)
  /// Whether there was little room on the disk at the last look, or none at a commit.
  let isRoomShort = Atomic(false)
  /// Whether this process cannot see LMDB's table of readers as it must to pin. The store stays clean then.
  var cannotPin: Bool
  let caretaker = Caretaker()
  /// Whether the caretaker was started.
  let hasCaretaker = Atomic(false)
  let readerWatch = ReaderWatch()
  /// Whether a transaction that may not wait for the disk has left images to the next one. For the leader of the queue.
  @safe @exclusivity(unchecked) var owesImages = false
  /// The length of a record that the log is to have room for. Under the turn.
  @safe @exclusivity(unchecked) var largestRecord: UInt64 = 0
  /// Used under the turn.
  @safe @exclusivity(unchecked) var growth = ReaderGrowth()
  /// Used under the turn, from the end of opening on.
  @safe @exclusivity(unchecked) private var watch = FileWatch([])

  /// The files beside LMDB's own.
  final class Files: Sendable {
    let data: DataFile
    let checkpoint: CheckpointFile
    let redo: RedoLog
    let pages: PageBitmap
    let marks: MetaMarks

    init(_ data: DataFile, _ paths: StorePaths, _ options: Options) throws(LMDBError) {
      guard let pageSize = try data.newestMeta()?.pageSize else { throw LMDBError(.corrupted, "read \(paths.data)") }
      self.data = data
      checkpoint = try CheckpointFile(paths.checkpoint, mode: options.fileMode, creates: true)
      redo = try RedoLog(paths.redo, mode: options.fileMode, mayMap: options.mayMap)
      pages = try PageBitmap(paths.pages, mode: options.fileMode)
      marks = try MetaMarks(data, pageSize: pageSize, isMapped: options.mayMap && data.file.keepsBlocks)
    }
  }

  init(directory: String, options: Options) {
    paths = StorePaths(directory: directory)
    self.options = options
    cannotPin = !options.mayPin
  }

  var directory: String { paths.directory }

  var files: Files? { openedFiles.withLock { $0 } }

  /// The files, which are created when they are first needed.
  func openFiles() throws(LMDBError) -> Files {
    try openedFiles.withLock { (opened) throws(LMDBError) in
      if let files = opened { return files }
      guard let data else { throw LMDBError(.badTransaction, "open the files of \(directory)") }
      // The path may lead to another store by now, whose files must not be touched.
      guard data.file.isAt(paths.data) else {
        throw LMDBError(.filesReplaced, "\(paths.data) was replaced by another file")
      }
      let names: [String] = [paths.checkpoint, paths.redo, paths.pages]
      let exist = names.allSatisfy { unsafe access($0, F_OK) == 0 }
      let folder = try StoreFile(directory, O_RDONLY | O_DIRECTORY)
      let files = try Files(data, paths, options)
      if !exist || !hasSyncedDirectory.load(ordering: .relaxed) {
        // Nothing but a sync that failed is taken for one.
        let sync = { () throws(LMDBError) in try folder.syncWhole() }
        if let state { try state.syncing(sync) } else { try sync() }
        hasSyncedDirectory.store(true, ordering: .relaxed)
      }
      opened = files
      ExitCleaning.install()
      return files
    }
  }

  /// Closes the files of a store that is clean, until it becomes dirty again: so a process can have many open. Not when the
  /// turn is somebody's.
  func closeFilesIfClean() {
    guard files != nil, let turn = control?.turn, let state, !state.flag(.isDirty) else { return }
    do {
      guard try turn.tryTake() != nil else { return }
    } catch {
      return
    }
    defer { turn.release() }
    if !state.flag(.isDirty), !state.flag(.isBroken) { openedFiles.withLock { $0 = nil } }
  }

  // MARK: Opening and closing

  func prepare(isFirst: Bool, _ work: OpeningWork) throws(LMDBError) {
    control = try openControl(isFirst: isFirst)
    do {
      state = try control.map { (control) throws(ControlPageError) in try SharedState(control) }
    } catch {
      throw LMDBError(error)
    }
    try checkFilesOfOthers()
    // Others who live have the file open, and have seen to it. Without a control page only the store's own lock tells.
    guard state.map({ $0[.generation] == 0 }) ?? isFirst else { return }
    var options = options
    // It outlives those who had the store open, and whoever cannot put it in order.
    options.hadFailedSync = state?.flag(.isBroken) ?? false
    let outcome: Recovery.Outcome
    do throws(LMDBError) {
      outcome = try Recovery(paths: paths, options: options).run(work)
    } catch {
      // It may have been a sync, whatever the reason that the system gave.
      if error.isOfSystem { state?[.isBroken] = 1 }
      throw error
    }
    if options.hadFailedSync, !options.isReadOnly, outcome != .leftAsItIs { state?[.isBroken] = 0 }
    newest = try CheckpointFile.contents(at: paths.checkpoint).newest
  }

  private func openControl(isFirst: Bool) throws(LMDBError) -> ControlPage? {
    // Readers create nothing; what they need of it they can do without.
    if options.isReadOnly, unsafe access(paths.control, R_OK | W_OK) != 0 { return nil }
    do {
      return try ControlPage.open(
        paths.control,
        mode: options.fileMode,
        isFirst: isFirst,
        boot: options.boot,
        keptRegister: SharedState.Word.isBroken.rawValue
      )
    } catch {
      throw LMDBError(error)
    }
  }

  /// Throws where those who have the store open have other files open than this process would get: it must not join them with
  /// a lock file of its own, or with another data file.
  private func checkFilesOfOthers() throws(LMDBError) {
    guard let state else { return }
    for (word, path) in [(SharedState.Word.dataInode, paths.data), (.lockInode, paths.lock)] where state.flag(word) {
      guard let found = DirectoryLayout.FileIdentity(path: path) else {
        guard errno == ENOENT else { throw LMDBError(.init(rawValue: errno), "look at \(path)") }
        throw LMDBError(.filesReplaced, "\(path) was removed")
      }
      guard found.inode == state[word] else { throw LMDBError(.filesReplaced, "\(path) was replaced by another file") }
    }
  }

  /// Notes which files are open, for the watch and for those who come later.
  private func noteFiles() {
    watch = FileWatch([paths.data, paths.lock] + (control == nil ? [] : [paths.control]))
    guard let state else { return }
    for (word, path) in [(SharedState.Word.dataInode, paths.data), (.lockInode, paths.lock)] where !state.flag(word) {
      state[word] = DirectoryLayout.FileIdentity(path: path)?.inode ?? 0
    }
  }

  /// Throws when the files are not in their place any more. Under the turn.
  @inline(__always)
  func checkFiles() throws(LMDBError) { try watch.checkFromTimeToTime() }

  func didOpen(_ environment: Environment) throws(LMDBError) {
    noteFiles()
    data = DataFile(StoreFile(paths.data, borrowing: try environment.dataFileDescriptor()))
    if let state, state[.generation] == 0 { try beginPage(state, environment) }
    guard !options.isReadOnly else { return }
    // Where others write at the moment, they will sweep.
    _ = try sweepReaders(environment, patience: .zero)
  }

  private func beginPage(_ state: SharedState, _ environment: Environment) throws(LMDBError) {
    // Dirty still, or doubtful after a failed sync, since this process may not write. The next one sees to it.
    if let newest, !newest.isClean { return }
    if options.isReadOnly, state.flag(.isBroken) { return }
    // The page is new. The log goes on behind everything that may still be in it.
    let end = (newest?.redoStart ?? 0) + 2 * (newest?.redoCapacity ?? 0)
    state[.redoEnd] = end
    state[.redoStart] = end
    state[.redoSynced] = end
    state[.redoCapacity] = newest?.redoCapacity ?? 0
    state[.lastTransaction] = try environment.info().lastTransactionID
    state[.generation] = max(newest?.generation ?? 0, 1)
  }

  /// The pin was left before, as a rule: see ``leavePin(_:)``.
  func isClosing(_ environment: Environment) {
    guard pin != nil, let control, let state, !control.members.isAlone else { return }
    _ = givePinUp(environment, control, state, timeout: nil)
  }

  func willClose(_ environment: Environment) {
    defer {
      openedFiles.withLock { $0 = nil }
      control?.close()
    }
    guard let control, let state, !options.isReadOnly else { return }
    // What lies there now is another store's.
    if control.members.isAlone, !state.flag(.isBroken), !isReplaced {
      if state.flag(.isDirty) { cleanUp(environment, state) }
      if !state.flag(.isDirty) { ReplacedPages.drop(at: paths.replaced) }
    }
    // Nobody else is there who could rely on it.
    if pin != nil { dropPin(environment) }
  }

  /// Whether another store, or a part of one, lies where this one was.
  var isReplaced: Bool { watch.isReplaced }

  /// Makes the file clean, as the last one to use it. If that fails it stays dirty, which is why that is no error of closing:
  /// whoever opens it next goes on from there.
  func cleanUp(_ environment: Environment, _ state: SharedState) {
    do throws(LMDBError) {
      try cleanNow(environment)
    } catch {
      options.logger.warning(
        "A store could not be closed properly, and will be recovered when it is opened again: \(error)",
        metadata: ["store": "\(directory)"]
      )
    }
  }

  /// Makes the file one that needs neither checkpoint nor log, nor a pin. Nobody else may be writing.
  func becomeClean(_ environment: Environment) throws(LMDBError) {
    guard let state else { return }
    try state.checkTrust()
    let end = logEnd(state)
    // Who finds the mark, because we died, cannot tell which record the file has, and writes another one.
    state[.isChanging] = 1
    let files = try openFiles()
    try state.syncing { () throws(LMDBError) in try environment.sync() }
    guard let meta = try files.data.newestMeta() else { throw LMDBError(.corrupted, "read \(paths.data)") }
    let record = CheckpointRecord(
      isClean: true,
      generation: state[.generation] + 1,
      lineage: max(state[.lineage], 1),
      hint: hint,
      meta: meta,
      redoStart: end,
      redoCapacity: state[.redoCapacity]
    )
    try files.checkpoint.write(record)
    try state.syncing { () throws(LMDBError) in try files.checkpoint.file.sync() }
    // What the disk has of this does not matter: the checkpoint says the same.
    try files.marks.clear()
    state[.generation] += 1
    state[.redoEnd] = end
    state[.redoStart] = end
    state[.redoSynced] = end
    state[.isDirty] = 0
    state[.isChanging] = 0
    state[.streak] = 0
    state[.flushDue] = 0
    shrinkLog(files, state)
    releasePin(environment)
  }

  /// Under what circumstances this process writes.
  var hint: CacheHint { CacheHint(options.boot, of: paths.data) }
}
