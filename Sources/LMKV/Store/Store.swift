public import Foundation
internal import LMDB
internal import Synchronization

/// A key-value store in a directory, shared by any number of processes, threads and tasks.
///
/// ```swift
/// let store = try Store(path: "/var/lib/app/state")
/// let users = store.scope("users", of: User.self)
/// try users.set("ada", User(name: "Ada"))
/// let ada = try users.get("ada")
///
/// try store.transaction { tx in
///   let counters = tx.scope("counters", of: Int.self)
///   try counters.set("runs", (counters.get("runs") ?? 0) + 1)
/// }
/// ```
///
/// Everything that writes is a transaction: all or nothing, one at a time among all processes, and as durable as
/// ``Configuration/durability`` says. Reads see a snapshot, and never wait for writers. What is returned is a copy.
///
/// The methods here block their thread while they wait for the lock and the disk, and cannot be called from `async`
/// code; there, use the same methods of ``async``. Reads never wait and can be called anywhere, except inside a
/// transaction of the same store: there, everything goes through the transaction.
///
/// Opening the same directory twice in one process gives two `Store` values on one set of open files. The files close
/// when the last of them is closed or gone.
public final class Store: Sendable {
  /// The directory.
  public let path: String
  /// As it was opened.
  public let configuration: Configuration
  /// The identity of the store: the same in all processes and all copies, for ever.
  public let uuid: UUID

  /// Whether this very opening made the store.
  let isNew: Bool
  let errors: ErrorTranslation
  let catalogs: CatalogCache
  let bindings = Mutex<[ExactString: ScopeBinding]>([:])
  let expirySchedule = ExpirySchedule()
  let coordination = Coordination()
  private struct Opened {
    let environment: Environment
    let shared: SharedStore
  }

  /// Nil once it is closed.
  private let opened: Mutex<Opened?>
  let running = RunningWrites()

  /// Opens the store in a directory, and creates it when it is missing.
  ///
  /// - Parameters:
  ///   - path: the directory. Its parent must exist.
  ///   - configuration: see ``Configuration``.
  /// - Throws: ``LMKVError``: `notAStore`, `truncated`, `corrupted`, `unsupportedFormat`, `notADirectory`, `notFound`,
  ///   `permissionDenied`, `networkFileSystem`, `openedDifferently`, `busy`, `diskFull`.
  public init(path: String, configuration: Configuration = .init()) throws {
    self.path = path
    self.configuration = configuration
    errors = ErrorTranslation(path: path, maxSize: configuration.maxSize)
    let environment = try StoreOpening(path: path, configuration: configuration, errors: errors).open()
    (uuid, isNew) = try StoreOpening.prepare(environment, configuration, errors)
    let shared = SharedStore.attach(environment)
    catalogs = shared.catalogs
    opened = Mutex(Opened(environment: environment, shared: shared))
    try openKnownScopes(environment)
  }

  deinit {
    // What an unflushed commit fails with at the very end, nobody is left to be told.
    _ = try? shut(until: MonotonicClock.moment(after: .seconds(1)))
  }

  /// Closes the store as ``close(timeout:)`` does, for which it waits ten seconds at most.
  public func close() throws {
    try close(timeout: .seconds(10))
  }

  /// Closes the store for this value: later calls throw `closed`. Transactions that were begun or wait are finished first.
  ///
  /// ```swift
  /// if try !store.close(timeout: .seconds(5)) { print("a transaction goes on") }
  /// ```
  ///
  /// Who waits for a lock, a permit or a computation through this value gets `closed`. What runs with one finishes first; then
  /// what ``NamedLock/lock(timeout:)`` and ``NamedSemaphore/acquire(timeout:)`` have taken is given back.
  ///
  /// The files close when no other `Store` of this process, no snapshot and no transaction uses them any more. Whoever closes
  /// them last makes the store clean. Where another process has the turn to write for more than a second, because it was
  /// stopped or takes long, a thread of this one waits on, and the store stays dirty meanwhile: that loses nothing.
  ///
  /// - Parameter timeout: how long to wait for others at most, in this process and elsewhere. What was not done by then is
  ///   finished behind the caller's back, and then the files close.
  /// - Returns: whether nothing is left to be done. Inside a transaction of the store that goes on, so false.
  /// - Throws: ``LMKVError`` with `inputOutput` when relaxed commits could not be brought to the disk; `deadlock` in a closure
  ///   that runs with a lock, a permit or a computation of this value, for which it would wait.
  @discardableResult
  public func close(timeout: Duration) throws -> Bool {
    try shut(until: MonotonicClock.moment(after: timeout))
  }

  private func shut(until deadline: UInt64) throws -> Bool {
    let isInside = opened.withLock { $0?.environment }?.isWritingOnThisThread ?? false
    // A transaction of this thread would have to end first.
    let deadline = isInside ? 0 : deadline
    let isCoordinationDone = try closeCoordination(until: deadline)
    let closing = opened.withLock { $0.take() }
    let isIdle = running.wait(until: deadline) && isCoordinationDone
    guard let closing else { return isIdle }
    return try translatingErrors { try closing.shared.detach(until: deadline) } && isIdle
  }

  @inline(__always)
  func environment() throws(LMKVError) -> Environment {
    guard let environment = opened.withLock({ $0?.environment }) else { throw closedError }
    return environment
  }

  /// The environment, for a read in a snapshot of its own.
  ///
  /// Inside a transaction of this thread there is none: a snapshot has neither what that transaction has written, nor
  /// what the bodies before it in the same batch have. To write what was computed from such a read would lose their
  /// updates.
  @inline(__always)
  func environmentForReading() throws(LMKVError) -> Environment {
    let environment = try environment()
    guard !environment.isWritingOnThisThread else { throw readInsideTransaction(environment) }
    return environment
  }

  @inline(never)
  private func readInsideTransaction(_ environment: Environment) -> LMKVError {
    guard !environment.isForked else { return errors(environment.forkedError) }
    return LMKVError(
      .nestedTransaction,
      "The store \(path) was read inside a transaction, but not through it: such a read does not see what the "
        + "transaction has written. Read through the transaction that the closure is given, as in tx[scope].get(key)."
    )
  }

  /// What it shares with the other stores of this process on its files.
  @inline(__always)
  func shared() throws(LMKVError) -> SharedStore {
    guard let shared = opened.withLock({ $0?.shared }) else { throw closedError }
    return shared
  }

  var closedError: LMKVError {
    LMKVError(.closed, "The store \(path) was closed. Open it again.")
  }

  /// Runs `body` and turns the engine's errors into sentences. The errors of others pass.
  @inline(__always)
  func translatingErrors<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch {
      throw translated(error)
    }
  }

  /// The engine's errors as sentences, and the errors of others as they are.
  func translated(_ error: any Error) -> any Error {
    if let error = error as? LMDBError { errors(error) } else { error }
  }
}
