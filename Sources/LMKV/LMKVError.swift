#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// What a store could not do, why, and what to do about it.
///
/// ```swift
/// do {
///   try users.set("ada", ada)
/// } catch let error as LMKVError where error.code == .storeFull {
///   // error.message: "The store /var/lib/app has reached its limit of 1048576 bytes. Remove entries, or …"
/// }
/// ```
///
/// The message is one or two sentences for people: what happened, to which key or file, with which limit, and the way
/// out. It never contains values.
public struct LMKVError: Error, Sendable {
  /// Which condition it was: what a program decides by.
  public let code: Code
  /// What happened, in words.
  public let message: String
  /// The error of the layer below, if there was one.
  public let cause: (any Error)?

  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }
}

extension LMKVError: CustomStringConvertible {
  public var description: String { message }
}

extension LMKVError: LocalizedError {
  /// The message, so that `localizedDescription` says what happened.
  public var errorDescription: String? { message }
}

extension LMKVError {
  /// The conditions. New ones may be added, so a `switch` needs a default.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private let name: StaticName

    private init(_ name: StaticName) {
      self.name = name
    }

    /// The name that `lmkv --json` prints.
    public var description: String { name.rawValue }

    private enum StaticName: String {
      case permissionDenied, notADirectory, notFound, notAStore, truncated, corrupted, unsupportedFormat
      case networkFileSystem, readOnlyFileSystem, filesReplaced, otherNamespace, recoveryNeeded, openedDifferently
      case closed, forked, busy, readOnly
      case emptyKey, keyTooLong, invalidName, valueTooLarge, invalidArgument
      case keyNotFound, typeMismatch, overflow, encodingFailed
      case nestedTransaction, transactionEnded, transactionFailed, scopeOpenedTooLate, tooManyScopes, tooManyReaders
      case snapshotTooOld
      case scopeExists, scopeNotFound, storeExists, storeInUse, conflict, timedOut, deadlock, coordinationUnavailable
      case storeFull, transactionTooLarge, diskFull, inputOutput, systemLimit
      case inDoubt, outcomeUnknown
    }

    // Opening a store.

    /// The file system does not let this process at the files.
    public static let permissionDenied = Code(.permissionDenied)
    /// There is a file where the store's directory should be.
    public static let notADirectory = Code(.notADirectory)
    /// There is no store, or no directory to create it in.
    public static let notFound = Code(.notFound)
    /// The files are something else than a store.
    public static let notAStore = Code(.notAStore)
    /// The data file was cut short.
    public static let truncated = Code(.truncated)
    /// The data file, or an entry in it, is damaged.
    public static let corrupted = Code(.corrupted)
    /// The file was written by a newer version of LMDB or LMKV.
    public static let unsupportedFormat = Code(.unsupportedFormat)
    /// Locks between processes do not work on this file system.
    public static let networkFileSystem = Code(.networkFileSystem)
    /// The file system is read-only here: only as immutable can the store be opened.
    public static let readOnlyFileSystem = Code(.readOnlyFileSystem)
    /// Processes of another PID namespace, such as another container's, have the store open. Let them share one.
    public static let otherNamespace = Code(.otherNamespace)
    /// This process has the store open with contradicting options.
    public static let openedDifferently = Code(.openedDifferently)
    /// Another process opens or closes the store and does not get done.
    public static let busy = Code(.busy)

    /// Nobody has closed the store, and this process cannot recover it: it may not write it, opens it as immutable, or
    /// another LMDB program has it open.
    public static let recoveryNeeded = Code(.recoveryNeeded)
    /// Nobody has closed the store, and its files contradict each other. Nothing was changed; `lmkv recover` says what there
    /// is, and what each choice keeps.
    public static let inDoubt = Code(.inDoubt)

    // Any use of a store.

    /// The store was closed.
    public static let closed = Code(.closed)
    /// The process was forked after it had opened the store.
    public static let forked = Code(.forked)
    /// The store was opened for reading only.
    public static let readOnly = Code(.readOnly)
    /// A file of the store was removed, moved or replaced while the store was open: nothing more is written, since nobody would
    /// find it under the store's path. Close the store and open it again.
    public static let filesReplaced = Code(.filesReplaced)
    /// The operating system failed to read or write.
    public static let inputOutput = Code(.inputOutput)
    /// The system has no more to give to this process: address space, memory, threads, or file descriptors.
    public static let systemLimit = Code(.systemLimit)

    // Arguments.

    public static let emptyKey = Code(.emptyKey)
    public static let keyTooLong = Code(.keyTooLong)
    /// The name of a scope or a store is empty, too long, or has a character that it must not have.
    public static let invalidName = Code(.invalidName)
    public static let valueTooLarge = Code(.valueTooLarge)
    public static let invalidArgument = Code(.invalidArgument)
    /// The value cannot be encoded.
    public static let encodingFailed = Code(.encodingFailed)

    // What is stored.

    /// The key is absent, or its entry has expired.
    public static let keyNotFound = Code(.keyNotFound)
    /// The value under the key is not of the type that was asked for.
    public static let typeMismatch = Code(.typeMismatch)
    /// The result does not fit its type; nothing was changed.
    public static let overflow = Code(.overflow)
    public static let scopeExists = Code(.scopeExists)
    public static let scopeNotFound = Code(.scopeNotFound)
    /// There is a store of that name, or something else.
    public static let storeExists = Code(.storeExists)
    /// A process has the store open that is to be renamed or deleted.
    public static let storeInUse = Code(.storeInUse)

    // Transactions.

    /// Inside a transaction, the same thread began another one on the same store, or read the store without going
    /// through the transaction.
    public static let nestedTransaction = Code(.nestedTransaction)
    /// A transaction or snapshot, or something from it, was used after its end.
    public static let transactionEnded = Code(.transactionEnded)
    /// A transaction went on after an error that it cannot survive. Nothing of it is kept.
    public static let transactionFailed = Code(.transactionFailed)
    /// A scope was first used by this process in a snapshot that is older than the latest commit.
    public static let scopeOpenedTooLate = Code(.scopeOpenedTooLate)
    /// A snapshot was open for longer than its store allows.
    public static let snapshotTooOld = Code(.snapshotTooOld)
    public static let tooManyScopes = Code(.tooManyScopes)
    public static let tooManyReaders = Code(.tooManyReaders)
    /// What a transaction had read was changed by another one.
    public static let conflict = Code(.conflict)
    /// Others wrote for longer than the caller wanted to wait. Nothing was changed.
    public static let timedOut = Code(.timedOut)
    /// The caller waits for a lock that it has itself.
    public static let deadlock = Code(.deadlock)
    /// Processes cannot wait for each other here: there is no control page that they could share, or it is full.
    public static let coordinationUnavailable = Code(.coordinationUnavailable)
    /// Nobody can tell whether what was written is there, or will be: a process that was at it stands still, or has died and
    /// the evidence was removed; or the disk failed.
    public static let outcomeUnknown = Code(.outcomeUnknown)
    /// The store has reached the size that its opener set.
    public static let storeFull = Code(.storeFull)
    public static let transactionTooLarge = Code(.transactionTooLarge)
    /// The disk, or the user's share of it, is full.
    public static let diskFull = Code(.diskFull)
  }
}
