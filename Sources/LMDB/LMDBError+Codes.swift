/// Codes that LMDB returns, grouped by when they can happen.
extension LMDBError.Code {
  // Opening.

  /// The file is not an LMDB file, or a damaged one (`MDB_INVALID`).
  public static let invalid = Self(rawValue: Constants.invalid)
  /// The file was written by an incompatible version of LMDB (`MDB_VERSION_MISMATCH`).
  public static let versionMismatch = Self(rawValue: Constants.versionMismatch)
  /// The data file is shorter than its own header says: it was truncated.
  public static let truncated = Self(rawValue: -31_001)
  /// The data file is a format-3 file, which LMDB 1.0 writes and LMDB 0.9 cannot read.
  public static let newerFormat = Self(rawValue: -31_002)
  /// The directory lies on a file system that LMDB's locks do not work on (NFS, SMB, 9p).
  public static let networkFileSystem = Self(rawValue: -31_003)
  /// The environment is open in this process with options that contradict the ones asked for.
  public static let openWithOtherOptions = Self(rawValue: -31_004)
  /// The file system is read-only here, so that readers cannot protect what they read from those who write elsewhere. What
  /// nobody writes can be opened as immutable.
  public static let readOnlyFileSystem = Self(rawValue: -31_008)
  /// Another process opens or closes the environment, and has not got done for as long as the caller has patience.
  public static let openLockHeld = Self(rawValue: -31_005)

  /// Nobody has closed the environment properly, and it cannot be put in order here; the context says why.
  public static let recoveryNeeded = Self(rawValue: -31_006)
  /// Files beside the data file contradict it; the context says how.
  public static let inDoubt = Self(rawValue: -31_007)
  /// A file of the environment was removed, moved or replaced while it was open; the context says which.
  public static let filesReplaced = Self(rawValue: -31_009)
  /// Processes of another PID namespace have the environment open.
  public static let otherNamespace = Self(rawValue: -31_030)
  /// The system gives this process no thread.
  public static let noThread = Self(rawValue: -31_031)

  // Beginning a transaction.

  /// This thread already holds the environment's write transaction; a second begin would wait for itself.
  public static let nestedWrite = Self(rawValue: -31_010)
  /// The environment was opened before a `fork`; a child process must open it anew after `exec`.
  public static let forked = Self(rawValue: -31_011)
  /// Every slot of the reader table is taken (`MDB_READERS_FULL`).
  public static let readersFull = Self(rawValue: Constants.readersFull)
  /// Another process made the file larger than this process's map (`MDB_MAP_RESIZED`).
  public static let mapResized = Self(rawValue: Constants.mapResized)
  /// The file has outgrown this process's map, which cannot grow while transactions of this process are open.
  public static let mapInUse = Self(rawValue: -31_012)
  /// The environment had a fatal error before, and must be opened anew (`MDB_PANIC`).
  public static let panic = Self(rawValue: Constants.panic)
  /// The environment is open for reading only.
  public static let readOnly = Self(rawValue: Constants.accessDenied)

  // Using a transaction.

  /// The key exists already (`MDB_KEYEXIST`).
  public static let keyExists = Self(rawValue: Constants.keyExists)
  /// There is no such entry, or no such named database (`MDB_NOTFOUND`).
  public static let notFound = Self(rawValue: Constants.notFound)
  /// A key that is empty or too long, or a value that is too long (`MDB_BAD_VALSIZE`).
  public static let badValueSize = Self(rawValue: Constants.badValueSize)
  /// The map, and so the store's size limit, is full (`MDB_MAP_FULL`).
  public static let mapFull = Self(rawValue: Constants.mapFull)
  /// A transaction that puts something in has made the file larger than the layer above allows.
  package static let sizeLimit = Self(rawValue: -31_020)
  /// The transaction has too many changed pages (`MDB_TXN_FULL`).
  public static let transactionFull = Self(rawValue: Constants.transactionFull)
  /// The transaction must be given up: an earlier failure spoiled it, or a child is open (`MDB_BAD_TXN`).
  public static let badTransaction = Self(rawValue: Constants.badTransaction)
  /// As many named databases are open as the environment was opened for (`MDB_DBS_FULL`).
  public static let databasesFull = Self(rawValue: Constants.databasesFull)
  /// The operation does not fit the database's flags, or its flags differ from the ones asked for (`MDB_INCOMPATIBLE`).
  public static let incompatible = Self(rawValue: Constants.incompatible)
  /// The transaction that opened the database was aborted; open it again (`MDB_BAD_DBI`).
  public static let badDatabase = Self(rawValue: Constants.badDatabase)
  /// The database was opened after this transaction began, so that the transaction does not know it.
  public static let databaseNewerThanTransaction = Self(rawValue: -31_020)
  /// This thread's own write transaction is open, and a database must be opened for reading beside it.
  public static let openingInsideWrite = Self(rawValue: -31_021)

  // A damaged file.

  /// A page that should be there is not: the file is damaged (`MDB_PAGE_NOTFOUND`).
  public static let pageNotFound = Self(rawValue: Constants.pageNotFound)
  /// A page is of the wrong kind: the file is damaged (`MDB_CORRUPTED`).
  public static let corrupted = Self(rawValue: Constants.corrupted)

  /// Sentences for the conditions that LMDB itself has no words, or misleading ones, for.
  static let sentences: [Self: String] = [
    .truncated: "the data file is shorter than its header says; restore it from a copy",
    .newerFormat: "the file has LMDB's format 3 (LMDB 1.0), which LMDB 0.9 cannot read; dump it with LMDB 1.0's tools",
    .networkFileSystem: "the directory is on a network file system, where locks between processes do not work",
    .readOnlyFileSystem:
      "the file system is read-only, so that readers have no locks; what nobody writes can be opened as immutable",
    .openWithOtherOptions: "the environment is open in this process with other options",
    .openLockHeld: "it opens or closes the environment and does not get done; continue it if it was stopped, or end it",
    .recoveryNeeded: "it was not closed properly, and must be recovered first",
    .inDoubt: "its files contradict each other",
    .otherNamespace: "processes of another PID namespace have it open, with which locks between processes do not work",
    .noThread: "the system gives this process no thread",
    .filesReplaced: "while processes had the environment open; close it in all of them, and open it again",
    .nestedWrite: "this thread is already inside a write transaction; use that transaction, or a child of it",
    .forked: "the environment was opened before fork(); open it anew in a process that was started with exec",
    .badDatabase: "the transaction that opened the database was aborted; open the database again",
    .databaseNewerThanTransaction: "the database was opened after this transaction began; begin a new transaction",
    .openingInsideWrite:
      "the database is not open yet, and this thread is inside a write transaction; open it through that transaction",
    .mapFull: "the size limit of the environment is reached",
    .readOnly: "permission denied, or the environment is open for reading only",
  ]
}
