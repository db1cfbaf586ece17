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
  }

  private static let entries = Mutex<[DirectoryLayout.FileIdentity: Entry]>([:])

  static func open(
    _ layout: DirectoryLayout,
    _ configuration: Environment.Configuration,
    _ makeCompanion: (String) -> (any EnvironmentCompanion)?
  ) throws(LMDBError) -> Environment {
    let deadline = Deadline(after: configuration.patience)
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
      // The last reference to the environment is just going away on another thread, which waits for this lock.
      guard !deadline.isPast else { throw LMDBError(.init(rawValue: EBUSY), "open \(layout.directory)") }
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
      guard let environment = entry.environment else { return nil }
      guard environment.isForked else { return environment }
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
