internal import LMDBPlatform

/// The environments that are open in this process, by the identity of their data file.
///
/// LMDB's locks belong to the process: a second open of the same file would let its close drop the locks of the first.
/// So a second open gets the first's environment, and of each file one thread at a time opens or closes it.
enum EnvironmentRegistry {
  private struct Entry {
    weak var environment: Environment?
    /// Taken under the guard, so that whoever holds that one and sees no lock knows that nobody has the files open.
    let useLock: UseLock
    let directory: DirectoryLayout.FileIdentity
    private let forkGeneration = ForkGuard.generation

    init(_ environment: Environment, _ useLock: UseLock, _ directory: DirectoryLayout.FileIdentity) {
      self.environment = environment
      self.useLock = useLock
      self.directory = directory
    }

    /// Whether it is that of the process which this one was forked from: nobody here closes it.
    var isForked: Bool { forkGeneration != ForkGuard.generation }
  }

  private struct State {
    var entries: [DirectoryLayout.FileIdentity: Entry] = [:]
    /// The data files that are being opened or closed, and their directories, since a new file has no identity yet.
    var busy: Set<DirectoryLayout.FileIdentity> = []
  }

  private static let state = Monitor(State())

  static func open(
    _ layout: DirectoryLayout,
    _ configuration: Environment.Configuration,
    _ makeCompanion: (String) -> (any EnvironmentCompanion)?
  ) throws(LMDBError) -> Environment {
    while true {
      let directory = try layout.prepare(configuration)
      // Before anything is known by its identity, which a copy of overlayfs may change.
      try layout.checkIsWritable(configuration)
      var failure: LMDBError?
      let environment = try alone(with: directory, layout.identity()) { () throws(LMDBError) in
        try findOrOpen(layout, directory, configuration, makeCompanion, &failure)
      }
      if let environment {
        // Not while the files are busy: this may be the last reference by now, and closing waits for them.
        if let failure { throw failure }
        guard environment.serves(configuration) else {
          throw LMDBError(.openWithOtherOptions, "open \(layout.directory)")
        }
        return environment
      }
      // The last reference to the environment is just going away on another thread, which is about to close it.
      usleep(200)
    }
  }

  /// Runs `body` while no other thread opens or closes one of these files. Other files do not matter: for the guard of one
  /// of them somebody may wait for long.
  private static func alone<R, E: Error>(
    with directory: DirectoryLayout.FileIdentity,
    _ file: DirectoryLayout.FileIdentity?,
    _ body: () throws(E) -> R
  ) throws(E) -> R {
    let files = [directory, file ?? directory]
    state.waitUntil({ $0.busy.isDisjoint(with: files) }) { $0.busy.formUnion(files) }
    defer { state.signalAfter { $0.busy.subtract(files) } }
    return try body()
  }

  private static func findOrOpen(
    _ layout: DirectoryLayout,
    _ directory: DirectoryLayout.FileIdentity,
    _ configuration: Environment.Configuration,
    _ makeCompanion: (String) -> (any EnvironmentCompanion)?,
    _ failure: inout LMDBError?
  ) throws(LMDBError) -> Environment? {
    if let identity = layout.identity(), let entry = state.withLock({ $0.entries[identity] }) {
      guard entry.isForked else { return entry.environment }
      state.withLock { $0.entries[identity] = nil }
    }
    let layout = layout.resolved()
    let openGuard = try OpenGuard(layout, configuration, creates: layout.mayCreate(configuration))
    let companion = makeCompanion(layout.directory)
    let useLock = try UseLock(layout, configuration)
    try companion?.prepare(isFirst: useLock.isFirst, openGuard.work)
    let opening = EnvironmentOpening(layout: layout, configuration: configuration, sweepsReaders: companion == nil)
    let opened = try opening.open(openGuard)
    let environment = Environment(opened, layout, configuration, companion)
    let entry = Entry(environment, useLock, directory)
    state.withLock { $0.entries[opened.identity] = entry }
    do throws(LMDBError) {
      try companion?.didOpen(environment)
    } catch {
      failure = error
    }
    return environment
  }

  /// Closes an environment that nobody refers to any more, and forgets it, as alone as with an open.
  static func close(_ environment: Environment) {
    let identity = environment.identity
    let directory = state.withLock { $0.entries[identity]?.directory }
    alone(with: directory ?? identity, identity) {
      environment.companion?.isClosing(environment)
      // Without the guard (the directory is gone, or another process hangs in it) closing is still right: LMDB's own
      // locks keep the file sound.
      let openGuard = try? OpenGuard(environment.layout, environment.configuration, creates: false)
      environment.closeFiles()
      state.withLock { $0.entries[identity] = nil }
      _ = openGuard
    }
  }
}
