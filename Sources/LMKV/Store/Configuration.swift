package import ControlPage
public import Logging

extension Store {
  /// How a store is opened.
  ///
  /// ```swift
  /// let store = try Store(path: "/var/lib/app/cache", configuration: .init(durability: .relaxed()))
  /// ```
  public struct Configuration: Sendable {
    /// What this process may do with the store.
    public enum Access: Hashable, Sendable {
      case readWrite
      /// Nothing is written or created but the locks of readers. Other processes may write. The file system must not be
      /// read-only: a reader without a lock would see wrong data while others write by another mount.
      case readOnly
      /// Nothing is written, created or locked, for a store that nobody writes: on a read-only medium, in an image.
      ///
      /// You answer for it that no process writes the store, by whichever path, while it is open so: otherwise reads give
      /// wrong data without an error. A store that was not closed cleanly is refused with `recoveryNeeded`. There are no
      /// locks, semaphores and computations (`coordinationUnavailable`).
      case immutable
    }

    public var access = Access.readWrite
    /// Whether a missing store is created. Its parent directory must exist.
    public var createsIfMissing = true
    /// What a commit waits for, unless a transaction says otherwise.
    public var durability = Durability.full
    /// How long a verb or transaction that gives no timeout of its own waits for other transactions, of all processes; then
    /// it throws `timedOut`, which names the process that writes, and has changed nothing. Nil: as long as it takes. Zero: not
    /// at all.
    ///
    /// The default is far above what a transaction should take, so that only a process that was stopped, or hangs, is met
    /// by an error instead of silence.
    public var writeTimeout: Duration? = .seconds(60)
    /// How long to wait for one and the same process that opens or closes the store; then `busy` is thrown, with its name. As
    /// long as processes take turns in that, who waits is served in the order of coming.
    public var openTimeout = Duration.seconds(10)
    /// The largest size of the data file, in bytes; over it, `storeFull` is thrown. Nil: as large as the disk.
    public var maxSize: Int?
    /// The largest value, in bytes as it is stored; at most 2 GiB - 1 MiB.
    public var maxValueSize = 64 << 20
    /// How many scopes this process can use at once. A thousand costs each transaction about 0.1 us.
    public var maxScopes = 1_000
    /// How many snapshots can be open at once in all processes. The first opener decides.
    public var maxReaders = 4_096
    /// Permissions of new files, less the umask. A new directory gets the `x` bits too.
    public var fileMode: UInt32 = 0o600
    /// Whether to open on a network file system, where LMDB's locks between machines do not work.
    public var allowsNetworkFileSystem = false
    /// The scope that ``Store/defaultScope`` is. Nil: the one that is named after the running program.
    public var defaultScope: String?
    /// What time it is: expiry is measured on it. Tests set their own.
    public var clock = StoreClock.system

    /// How long a snapshot of this process may be open. Nil: as long as it takes.
    ///
    /// An older one is ended as soon as it is not in use, so that the space it kept can be used again, and its next use
    /// throws `snapshotTooOld`. While a verb reads, or a body has bytes on loan, it is in use.
    public var maxSnapshotAge: Duration?
    /// After what time an open snapshot, of whatever process, is reported to the logger by those who write. The first
    /// opener in a process decides.
    public var longReader = Duration.seconds(10)
    /// Where the store says what nobody is told otherwise: recoveries, long readers, long waiting, failed flushes. Nil: a
    /// logger named "lmkv" at the level of notices. The first opener in a process decides.
    public var logger: Logger?

    static var defaultLogger: Logger {
      var logger = Logger(label: "lmkv")
      logger.logLevel = .notice
      return logger
    }

    /// Which start of the machine this is. Tests of power failures say that there was another one.
    package var boot = BootID.current
    /// Tests make these small.
    package var limits = DurabilityLimits()
    /// Whether LMDB's table of readers can be used to pin. Tests say no, as if it were another LMDB's.
    package var mayPin = true
    /// Whether the log may be written through memory. Programs that record what is written say no.
    package var mayMap = true

    public init(
      access: Access = .readWrite,
      durability: Durability = .full
    ) {
      self.access = access
      self.durability = durability
    }
  }
}

/// What a commit waits for before it returns.
public enum Durability: Hashable, Sendable {
  /// The commit is on disk. Neither a killed process nor a power failure loses it.
  ///
  /// When a sync fails, of whatever process and kind, every commit throws `inputOutput` until all processes have closed the
  /// store. The next to open it writes all that is doubtful anew.
  case full
  /// The commit is with the operating system, and on disk after at most `flushEvery`, as long as a process has the
  /// store open.
  ///
  /// A killed process loses nothing. A power failure loses at most the commits of the last interval, all of them from
  /// some moment on, and leaves a sound file. When a flush fails, all commits, full ones too, throw `inputOutput` and change
  /// nothing until all processes have closed the store.
  case relaxed(flushEvery: Duration = .seconds(1))
}

/// Where a store gets the time from.
public struct StoreClock: Sendable {
  /// Milliseconds since 1970.
  public let now: @Sendable () -> Int64
  /// The same or a little less, for a lower price.
  let roughly: @Sendable () -> Int64
  /// Whether all processes have the same.
  let isSystem: Bool

  public init(now: @escaping @Sendable () -> Int64) {
    self.init(isSystem: false, now: now, roughly: now)
  }

  init(isSystem: Bool, now: @escaping @Sendable () -> Int64, roughly: @escaping @Sendable () -> Int64) {
    self.now = now
    self.roughly = roughly
    self.isSystem = isSystem
  }
}
