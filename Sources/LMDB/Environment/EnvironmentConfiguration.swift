extension Environment {
  /// How an environment is opened.
  public struct Configuration: Hashable, Sendable {
    /// What this process may do with the files.
    public enum Access: Hashable, Sendable {
      case readWrite
      /// No write transactions. The lock file must still be writable, because readers protect in it what they read.
      case readOnly
      /// No write transactions and no locks (`MDB_NOLOCK`), for files that nobody writes, on read-only media above all. The
      /// caller answers for that: whoever reads while somebody writes sees wrong data.
      case immutable
    }

    /// What a commit waits for before it returns. See ``Environment/SyncMode``.
    public var sync = SyncMode.full
    public var access = Access.readWrite
    /// Whether a missing environment is created; the directory too, if only its last component is missing.
    public var createsIfMissing = true
    /// The largest size of the data file, in bytes. Nil: as large as the disk.
    public var maxSize: Int?
    /// Whether `maxSize` limits the map, so that LMDB refuses whatever needs more (`mapFull`). If not, the layer above asks
    /// (``Environment/isOverLimit(_:)``), and lets those go on who only remove.
    package var limitsMap = true
    /// How many named databases this process can have open. Each write transaction costs about 0.1 us per thousand.
    public var maxDatabases = 1_024
    /// How many of them may have names that begin with a prefix. The others are the own ones of the layer above.
    package var databaseQuota: DatabaseQuota?
    /// How many read transactions can be open at once in all processes. The first opener of the files decides.
    public var maxReaders = 4_096
    /// Permissions of new files, less the umask. A new directory gets the `x` bits too.
    public var fileMode: UInt32 = 0o600
    /// Whether the system may read ahead. Turn it off for random reads in a file that exceeds the memory.
    public var readsAhead = true
    /// Whether to open on NFS, SMB, 9p or FUSE, where LMDB's locks between machines do not work.
    public var allowsNetworkFileSystem = false
    /// How long to wait, in seconds, for a free reader slot, or for one and the same process that opens or closes the
    /// files. As long as others take turns in that, who waits is served in the order of coming, without an end.
    public var patience = 10.0
    /// The same for opening alone. Nil: as `patience` says.
    public var openingPatience: Double?

    public init() {}
  }

  /// What a commit waits for.
  ///
  /// A greater one promises more.
  public enum SyncMode: Hashable, Comparable, Sendable {
    /// Nothing. A killed process loses nothing, but a power failure may **corrupt** the file (`MDB_NOSYNC`).
    case unsafeNone
    /// The file stays consistent, but a power failure may undo the last commits (`MDB_NOMETASYNC`).
    case dataOnly
    /// The commit is on disk when it returns.
    case full

    var flags: EnvironmentFlags {
      switch self {
      case .full: []
      case .dataOnly: .noMetaSync
      case .unsafeNone: .noSync
      }
    }
  }
}
