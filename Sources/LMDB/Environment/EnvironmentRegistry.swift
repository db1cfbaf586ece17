internal import LMDBPlatform
internal import Synchronization

/// The environments that are open in this process, by the identity of their data file.
///
/// LMDB's locks belong to the process: a second open of the same file would let its close drop the locks of the first.
/// So a second open gets the first's environment, and the registry stays locked during every open and every close.
enum EnvironmentRegistry {
  private struct Entry {
    weak var environment: Environment?
    /// Taken under the guard, so that whoever holds that one and sees no lock knows that nobody has the files open.
    let useLock: UseLock
    private let forkGeneration = ForkGuard.generation

    init(environment: Environment, useLock: UseLock) {
      self.environment = environment
      self.useLock = useLock
    }

    /// Whether it is that of the process which this one was forked from: nobody here closes it.
    var isForked: Bool { forkGeneration != ForkGuard.generation }
  }

  private static let entries = Mutex<[DirectoryLayout.FileIdentity: Entry]>([:])

  static func open(
    _ layout: DirectoryLayout,
    _ configuration: Environment.Configuration,
    _ makeCompanion: (String) -> (any EnvironmentCompanion)?
  ) throws(LMDBError) -> Environment {
    while true {
      var failure: LMDBError?
      let environment = try entries.withLock { (entries) throws(LMDBError) -> Environment? in
        try findOrOpen(layout, configuration, makeCompanion, &entries, &failure)
      }
      if let environment {
        // Not under the lock: this may be the last reference by now, and closing takes the lock.
        if let failure { throw failure }
        guard environment.serves(configuration) else {
          throw LMDBError(.openWithOtherOptions, "open \(layout.directory)")
        }
        return environment
      }
      // The last reference to the environment is just going away on another thread, which waits for this lock to close.
      usleep(200)
    }
  }

  private static func findOrOpen(
    _ layout: DirectoryLayout,
    _ configuration: Environment.Configuration,
    _ makeCompanion: (String) -> (any EnvironmentCompanion)?,
    _ entries: inout sending [DirectoryLayout.FileIdentity: Entry],
    _ failure: inout LMDBError?
  ) throws(LMDBError) -> Environment? {
    if let identity = layout.identity(), let entry = entries[identity] {
      guard entry.isForked else { return entry.environment }
      entries[identity] = nil
    }
    try layout.prepare(configuration)
    let layout = layout.resolved()
    let openGuard = try OpenGuard(layout, configuration, creates: layout.mayCreate(configuration))
    let companion = makeCompanion(layout.directory)
    let isFirst = companion != nil && UseLock.isFree(layout.directory)
    let useLock = try UseLock(layout, configuration)
    try companion?.prepare(isFirst: isFirst)
    let opening = EnvironmentOpening(layout: layout, configuration: configuration, sweepsReaders: companion == nil)
    let opened = try opening.open(openGuard)
    let environment = Environment(opened, layout, configuration, companion)
    entries[opened.identity] = Entry(environment: environment, useLock: useLock)
    do throws(LMDBError) {
      try companion?.didOpen(environment)
    } catch {
      failure = error
    }
    return environment
  }

  /// Closes the environment's handle and forgets the entry, under the same locks as an open.
  static func close(
    _ identity: DirectoryLayout.FileIdentity,
    _ layout: DirectoryLayout,
    _ configuration: Environment.Configuration,
    _ body: () -> Void
  ) {
    entries.withLock { entries in
      // Without the guard (the directory is gone, or another process hangs in it) closing is still right: LMDB's own
      // locks keep the file sound.
      let openGuard = try? OpenGuard(layout, configuration, creates: false)
      body()
      entries[identity] = nil
      _ = openGuard
    }
  }
}
