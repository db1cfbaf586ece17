internal import LMDB
internal import LMDBPlatform

/// Turns the engine's errors into sentences for the user of a store.
struct ErrorTranslation {
  let path: String
  let maxSize: Int?

  func callAsFunction(_ error: LMDBError) -> LMKVError {
    let (code, message) = sentence(error)
    return LMKVError(code, message, cause: error)
  }

  private func sentence(_ error: LMDBError) -> (LMKVError.Code, String) {
    switch error.code {
    case .invalid, .versionMismatch:
      return (.notAStore, "\(path) is not a store: its data.mdb is no LMDB file. Give the path of a store.")
    case .newerFormat:
      return (.unsupportedFormat, "\(path) has the file format of LMDB 1.0, which LMDB 0.9 cannot read. \(dumpHint)")
    case .truncated:
      return (.truncated, "The store \(path) is damaged: data.mdb was cut short. Restore it from a backup.")
    case .corrupted, .pageNotFound:
      return (.corrupted, "The store \(path) is damaged (\(error)). Restore it from a backup.")
    case .recoveryNeeded:
      return (
        .recoveryNeeded,
        "The store \(path) was not closed properly, and this process cannot recover it (\(error.context)). Open it once with "
          + "the permission to write, while no other program has it open: `lmkv recover` does."
      )
    case .inDoubt:
      return (
        .inDoubt,
        "The store \(path) was not closed properly, and its files contradict each other (\(error.context)). Nothing was "
          + "changed. Restore what was there before, or let `lmkv recover` show what there is and decide."
      )
    case .filesReplaced:
      return (
        .filesReplaced,
        "A file of the store \(path) is not the one that processes have open: \(error.context). Nothing more is written to it, "
          + "since nobody would find that under this path. Close the store in all processes, and open it again."
      )
    case .otherNamespace:
      return (
        .otherNamespace,
        "The store \(path) is open in processes of another PID namespace, such as another container's, with which locks between "
          + "processes do not work. Let the containers share a PID namespace (docker run --pid, shareProcessNamespace), or close "
          + "the store there first."
      )
    case .noThread:
      return (
        .inputOutput,
        "The system gives this process no thread, which the store \(path) needs (\(error.context)). Raise the limit of processes "
          + "(ulimit -u, or pids.max of the container), or end some."
      )
    case .networkFileSystem:
      return (.networkFileSystem, "\(path) is on a network file system, where locks do not work. Use a local disk.")
    case .readOnlyFileSystem:
      return (
        .readOnlyFileSystem,
        "\(path) is on a file system that is read-only here, so that what is read could not be protected from those who write "
          + "it elsewhere. Mount it writable; or, if nobody writes it, open it as immutable (Configuration.access, "
          + "lmkv --immutable)."
      )
    case .needsRecovery:
      return (
        .recoveryNeeded,
        "The store \(path) was not closed cleanly, or is being written: its last commits are in its log, which is not read "
          + "where the store is opened as immutable. Open it once for writing and close it, then copy or mount it."
      )
    case .openWithOtherOptions:
      return (
        .openedDifferently,
        "This process has the store \(path) open with other options. Close it first, or use the same options."
      )
    case .openLockHeld:
      return (
        .busy,
        "The store \(path) is being opened or closed by a process that does not get done: \(error.context). Continue it if "
          + "it was stopped, or end it."
      )
    case .forked:
      return (.forked, "This process was forked after it had opened the store \(path). Start processes with exec.")
    case .nestedWrite:
      return (
        .nestedTransaction,
        "A transaction on the store \(path) was begun inside another one of the same thread. Use the transaction that "
          + "is given to the closure, or its savepoint."
      )
    case .readOnly:
      return (.permissionDenied, "No permission for the store \(path) (\(error.context)). Check owner and mode.")
    case .readersFull:
      return (
        .tooManyReaders,
        "All reader slots of the store \(path) are taken (\(error.context)). End long snapshots, or raise maxReaders."
      )
    case .databasesFull:
      return (
        .tooManyScopes,
        "This process has as many scopes of \(path) open as maxScopes allows (\(error.context)). Raise maxScopes."
      )
    case .mapFull:
      return (
        .systemLimit,
        "The store \(path) has outgrown the address space that is mapped for it, which could not grow: because the process has "
          + "no more (ulimit -v), or had snapshots of the store open all the time. Raise the limit, or end long snapshots."
      )
    case .mapInUse:
      return (
        .busy,
        "The store \(path) was made larger by another process than this one has it mapped (\(error.context)), and cannot be "
          + "mapped anew while snapshots of this process are open. End long snapshots, or raise the limit of the address "
          + "space (ulimit -v)."
      )
    case .sizeLimit:
      return (.storeFull, "The store \(path) has reached its limit\(limit). Remove entries, or raise maxSize.")
    case .transactionFull:
      return (.transactionTooLarge, "A transaction on the store \(path) changes too much at once. Split it.")
    case .badTransaction:
      return (
        .transactionFailed,
        "A transaction on the store \(path) went on after a write in it had failed; nothing of it is kept. Let such an "
          + "error end the closure, or put what may fail into a savepoint."
      )
    case .openingInsideWrite:
      return (
        .nestedTransaction,
        "A scope of \(path) is first used here by a read inside a transaction. Read it through the transaction."
      )
    case .panic:
      return (
        .inputOutput,
        "The store \(path) had a fatal write error before. Close it in all processes and open it again: it is then "
          + "recovered from its log."
      )
    default:
      return systemSentence(error)
    }
  }

  private func systemSentence(_ error: LMDBError) -> (LMKVError.Code, String) {
    switch error.code.rawValue {
    case ENOENT:
      (.notFound, "There is no store at \(path) (\(error)). Check the path, or create its parent directory.")
    case ENOTDIR:
      (.notADirectory, "\(path) is not a directory, and a store is one. Give the path of a directory.")
    case EACCES, EPERM, EROFS:
      (.permissionDenied, "No permission for the store \(path) (\(error)). Check owner and mode.")
    case ENOSPC, EDQUOT, EFBIG:
      (
        .diskFull,
        "There is no room for the store \(path) (\(error)): the disk or the user's share of it is full, or a file would exceed "
          + "the limit of this process (ulimit -f). Make room, or raise the limit. Nothing of the transaction was kept."
      )
    case EAGAIN, EBUSY:
      (.busy, "The store \(path) is held by another process (\(error)). Try again, or look for a stopped process.")
    case ENOMEM:
      (
        .systemLimit,
        "Not enough address space or memory for the store \(path) (\(error)). Raise the limit (ulimit -v), or close other "
          + "stores."
      )
    case EMFILE:
      (
        .systemLimit,
        "This process has as many files open as it may (\(Self.descriptorLimit), ulimit -n), and the store \(path) needs "
          + "another one (\(error)). Raise the limit, or close other stores."
      )
    case ENFILE:
      (
        .systemLimit,
        "The system has as many files open as it may (fs.file-max), and the store \(path) needs another one (\(error)). Raise "
          + "the limit."
      )
    default:
      (.inputOutput, "The store \(path) failed: \(error).")
    }
  }

  private static var descriptorLimit: Int {
    var limit = rlimit()
    #if canImport(Glibc)
      _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #else
      _ = unsafe getrlimit(RLIMIT_NOFILE, &limit)
    #endif
    return Int(clamping: limit.rlim_cur)
  }

  private var limit: String { maxSize.map { " of \($0) bytes" } ?? "" }

  private var dumpHint: String { "Dump it with the tools of LMDB 1.0 and load it with those of 0.9." }
}
