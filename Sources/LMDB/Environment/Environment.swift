internal import LMDBPlatform
internal import Synchronization

/// An LMDB environment: a directory with a data file that any number of processes map and share.
///
/// ```swift
/// let environment = try Environment.open("/var/lib/app/store")
/// let words = try environment.write { transaction in
///   let words = try transaction.createDatabase("words")
///   try transaction.put("world", for: "hello", in: words)
///   return words
/// }
/// let greeting = try environment.read { try $0.get("hello", in: words) }
/// ```
///
/// Readers see a snapshot and never wait for writers, nor writers for readers. There is one writer at a time among all
/// processes. A process has one `Environment` for a file, however often and by whichever path it opens it; the files
/// close when the last reference and the last transaction are gone.
///
/// LMDB: `MDB_env`, always with `MDB_NOTLS`.
// `handle` is never changed after init, LMDB allows the use of an environment by many threads, and what it does not
// allow (transactions that change threads, two opens, handles opened at once) the types below rule out.
@safe public final class Environment: @unchecked Sendable {
  let handle: OpaquePointer
  let layout: DirectoryLayout
  package let identity: DirectoryLayout.FileIdentity
  let configuration: Configuration
  let readPool: ReadPool
  let handles: DatabaseHandles
  let writerTurn = WriterTurn()
  /// What the current write transaction has opened. Used only by the thread that has the turn.
  let openedDatabases = OpenedDatabases()
  /// What the current write transaction changes. Used only by the thread that has the turn.
  package let changes = ChangeRecorder()
  /// The size of this process's map, in bytes; smaller than wanted where the address space is limited.
  let mapSize: Atomic<Int>
  /// How often somebody has asked whether the map is to grow.
  let growthLooks = Atomic<UInt32>(0)
  /// How many pages the file may have at most, where the map does not limit it.
  let pageLimit: UInt64?
  /// The largest size that it may have.
  let largestMap: Int
  /// The sync mode that LMDB's flags say now. Used only by the thread that has the turn.
  @safe @exclusivity(unchecked) var currentSync: SyncMode
  /// What a layer above has for each file and process.
  package let companion: (any EnvironmentCompanion)?
  /// The readers of all processes. Nil where no companion could ask for them.
  let readerSlots: ReaderSlots?
  /// Slots that a dead process has left with our process ID, until they are swept.
  let staleSlots: Mutex<[Int]>
  private let forkGeneration: Int
  /// Whether the registry does not know of it.
  private let isPrivate: Bool

  init(
    _ opened: EnvironmentOpening.Opened,
    _ layout: DirectoryLayout,
    _ configuration: Configuration,
    _ companion: (any EnvironmentCompanion)?,
    isPrivate: Bool = false
  ) {
    self.isPrivate = isPrivate
    unsafe handle = opened.handle
    self.layout = layout
    self.configuration = configuration
    self.companion = companion
    readerSlots = opened.readerSlots
    identity = opened.identity
    staleSlots = Mutex(opened.staleSlots)
    mapSize = Atomic(opened.mapSize)
    pageLimit = configuration.limitsMap ? nil : configuration.maxSize.map { Self.pages($0, of: opened.pageSize) }
    largestMap = EnvironmentOpening.largestMap(configuration)
    currentSync = configuration.sync
    readPool = ReadPool(capacity: min(64, max(1, configuration.maxReaders / 16)), companion)
    // LMDB has two databases of its own, the free list and the main one.
    handles = DatabaseHandles(count: configuration.maxDatabases + 2)
    forkGeneration = ForkGuard.generation
  }

  deinit {
    // In a forked child everything here is the parent's.
    guard !isForked else { return }
    if isPrivate { closeFiles() } else { EnvironmentRegistry.close(self) }
  }

  /// Called by the registry when the last reference is gone.
  func closeFiles() {
    companion?.willClose(self)
    readPool.drain()
    unsafe Calls.close(handle)
    readerSlots?.close()
  }

  /// Opens or creates the environment in a directory, whose parent must exist.
  ///
  /// - Throws: ``LMDBError`` with ``LMDBError/Code/truncated``, `invalid` or `newerFormat` for a file that is not a sound
  ///   LMDB 0.9 file, and with an `errno` such as `EACCES`, `ENOENT` and `ENOTDIR` for what the file system refuses.
  ///
  /// LMDB: `mdb_env_create`, `mdb_env_open`.
  public static func open(_ path: String, _ configuration: Configuration = .init()) throws(LMDBError) -> Environment {
    try open(path, configuration) { _ in nil }
  }

  /// As ``open(_:_:)``, with a companion for the environment if it is not open yet; it is given the directory's path.
  package static func open(
    _ path: String,
    _ configuration: Configuration,
    companion: (String) -> (any EnvironmentCompanion)?
  ) throws(LMDBError) -> Environment {
    ForkGuard.install()
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return try EnvironmentRegistry.open(DirectoryLayout(directory: path), configuration, companion)
  }

  /// Opens the environment for a companion that puts its files in order, before the environment is opened for all.
  ///
  /// To be called in ``EnvironmentCompanion/prepare(isFirst:_:)``, and to be given up before that returns.
  package static func openPrivately(
    _ directory: String,
    _ configuration: Configuration
  ) throws(LMDBError) -> Environment {
    let layout = DirectoryLayout(directory: directory)
    let opened = try EnvironmentOpening(layout: layout, configuration: configuration, sweepsReaders: false).openAlone()
    return Environment(opened, layout, configuration, nil, isPrivate: true)
  }

  /// The directory that the environment was opened in, as an absolute path without symbolic links.
  public var path: String { layout.directory }

  /// The data file as LMDB has it open, for as long as the environment is. Whoever uses it leaves LMDB's pages alone.
  package func dataFileDescriptor() throws(LMDBError) -> Int32 { unsafe try Calls.dataFileDescriptor(handle) }

  /// The size of this process's map, in bytes.
  package var mapBytes: Int { mapSize.load(ordering: .relaxed) }

  /// Whether this process opened the environment for reading only.
  public var isReadOnly: Bool { configuration.access != .readWrite }

  /// The longest key, in bytes (511 unless liblmdb was built otherwise).
  public var maxKeySize: Int { unsafe Calls.maxKeySize(handle) }

  /// Whether this process is a forked child of the one that opened the environment.
  package var isForked: Bool { ForkGuard.generation != forkGeneration }

  /// Whether the calling thread is inside a write transaction of this environment.
  package var isWritingOnThisThread: Bool { writerTurn.isMine }

  /// Whether someone who asks for `other` can be given this environment: it allows all that was asked for.
  func serves(_ other: Configuration) -> Bool {
    (other.access == .readOnly || other.access == configuration.access)
      && (configuration.access != .immutable || other.access == .immutable)
      && (other.maxSize == nil || other.maxSize == configuration.maxSize)
      && other.maxDatabases <= configuration.maxDatabases
      && (other.access != .readWrite || other.sync <= configuration.sync)
  }
}
