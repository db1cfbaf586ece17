internal import ControlPage
internal import Foundation
internal import LMDB
internal import Logging

/// Makes an open environment a store, or says why it is none.
struct StoreOpening {
  let path: String
  let configuration: Store.Configuration
  let errors: ErrorTranslation

  func open() throws -> Environment {
    guard (1...(Int(Int32.max) - 1 << 20)).contains(configuration.maxValueSize) else {
      throw LMKVError(.invalidArgument, "maxValueSize must be between 1 byte and 2 GiB less 1 MiB.")
    }
    try checkRanges()
    var engine = Environment.Configuration()
    engine.access =
      switch configuration.access {
      case .readWrite: .readWrite
      case .readOnly: .readOnly
      case .immutable: .immutable
      }
    engine.createsIfMissing = configuration.createsIfMissing
    engine.maxSize = configuration.maxSize
    engine.limitsMap = false
    engine.maxDatabases = configuration.maxScopes + Self.ownDatabases
    engine.databaseQuota = .init(prefix: OwnDatabase.scopePrefix, limit: configuration.maxScopes)
    engine.maxReaders = configuration.maxReaders
    engine.fileMode = configuration.fileMode
    engine.openingPatience = configuration.openTimeout / .seconds(1)
    engine.allowsNetworkFileSystem = configuration.allowsNetworkFileSystem
    do throws(LMDBError) {
      if configuration.access == .immutable {
        try ImmutableStore.check(path)
        return try Environment.open(path, engine)
      }
      let options = Persistence.Options(
        isReadOnly: configuration.access == .readOnly,
        fileMode: configuration.fileMode,
        maxSize: configuration.maxSize,
        boot: configuration.boot,
        logger: configuration.logger ?? Store.Configuration.defaultLogger,
        longReader: configuration.longReader,
        limits: configuration.limits,
        mayPin: configuration.mayPin,
        mayMap: configuration.mayMap
      )
      let environment = try Environment.open(path, engine) { Persistence(directory: $0, options: options) }
      // Whoever opened it with LMDB alone has not recovered it, and its commits would be in no log.
      guard environment.companion is Persistence else { throw LMDBError(.openWithOtherOptions, "open \(path)") }
      return environment
    } catch {
      throw errors(error)
    }
  }

  /// What LMDB would trap on, or only refuse with an error that names nothing.
  private func checkRanges() throws {
    func require(_ isRight: Bool, _ sentence: String) throws {
      guard isRight else { throw LMKVError(.invalidArgument, sentence) }
    }
    try require((1...1 << 20).contains(configuration.maxReaders), "maxReaders must be between 1 and 1,048,576.")
    try require((1...1 << 20).contains(configuration.maxScopes), "maxScopes must be between 1 and 1,048,576.")
    let maxSize = configuration.maxSize ?? Self.smallestSize
    try require(
      maxSize >= Self.smallestSize,
      "maxSize must be at least \(Self.smallestSize) bytes, which a store needs for itself, and is \(maxSize)."
    )
    try require(configuration.writeTimeout ?? .zero >= .zero, "writeTimeout must not be negative.")
    try require(configuration.openTimeout >= .zero, "openTimeout must not be negative.")
    try require(configuration.maxSnapshotAge ?? .zero >= .zero, "maxSnapshotAge must not be negative.")
    try require(
      !path.utf8.contains(0),
      "The path of a store must not have a zero byte, where the system would take it to end."
    )
    if case .relaxed(let interval) = configuration.durability {
      try require(interval >= .zero, "flushEvery must not be negative.")
    }
  }

  /// A new store has some 40 KiB, and each transaction writes the pages that it changes anew.
  private static let smallestSize = 1 << 18

  /// Named DBs that are not scopes: `lmkv`, and what expiry and history will need.
  private static let ownDatabases = 24

  /// Checks that the environment holds a store of a known format; an empty one becomes a store. Says whether it just did.
  static func prepare(
    _ environment: Environment,
    _ configuration: Store.Configuration,
    _ errors: ErrorTranslation
  ) throws -> (uuid: UUID, isNew: Bool) {
    do {
      if let uuid = try existing(environment, errors.path, configuration.access) { return (uuid, false) }
      guard configuration.access == .readWrite else { throw notAStore(errors.path) }
      // A thread of its own: opening a store is allowed in async code, where a write transaction is not.
      return try Threads.runAndWait { try createInTurn(environment, errors.path, configuration.writeTimeout) }
    } catch let error as LMDBError {
      throw errors(error)
    }
  }

  private static func existing(
    _ environment: Environment,
    _ path: String,
    _ access: Store.Configuration.Access
  ) throws -> UUID? {
    guard let database = unsafe try environment.openDatabase(Metadata.databaseName) else { return nil }
    _ = unsafe try environment.openDatabase(ExpiryIndex.databaseName)
    let transaction = try environment.beginSnapshot()
    let metadata = unsafe Metadata(transaction: transaction.raw, database: database.number)
    // Without a head it was loaded from a dump. A write transaction must first make a new one; readers do without.
    guard let head = unsafe try Head.read(transaction.raw) else {
      return access == .readWrite ? nil : unsafe try check(metadata, path)
    }
    let uuid = unsafe try check(metadata, path)
    // The bound is raised now, when that costs nobody anything, and an older store made one of this version.
    if access == .readWrite, unsafe try metadata.isBoundNear(head.revision) || metadata.format() != Metadata.format {
      return nil
    }
    return uuid
  }

  private static func check(_ metadata: Metadata, _ path: String) throws -> UUID {
    guard let format = unsafe try metadata.format(), let uuid = unsafe try metadata.uuid() else {
      throw notAStore(path)
    }
    guard unsafe Metadata.readableFormats.contains(format) else { throw unsupported(format, path) }
    return uuid
  }

  /// Before LMDB's lock, for which nobody can wait with a limit, the turn to write of LMKV's processes.
  private static func createInTurn(
    _ environment: Environment,
    _ path: String,
    _ timeout: Duration?
  ) throws -> (uuid: UUID, isNew: Bool) {
    guard let turn = (environment.companion as? Persistence)?.control?.turn else {
      return try create(environment, path)
    }
    do throws(TurnError) {
      _ = try turn.take(timeout: timeout)
    } catch {
      throw LMKVError(error, path)
    }
    defer { turn.release() }
    return try create(environment, path)
  }

  private static func create(_ environment: Environment, _ path: String) throws -> (uuid: UUID, isNew: Bool) {
    let transaction = try environment.beginWrite()
    let isNew = unsafe try transaction.openDatabase(Metadata.databaseName) == nil
    if isNew, try transaction.statistics(of: environment.mainDatabase).entries > 0 { throw notAStore(path) }
    let database = unsafe try transaction.createDatabase(Metadata.databaseName)
    let metadata = unsafe Metadata(transaction: transaction.raw, database: database.number)
    if isNew { unsafe try metadata.initialize() }
    // Now, so that every process has it open before its first snapshot.
    _ = unsafe try transaction.createDatabase(ExpiryIndex.databaseName)
    let uuid = unsafe try check(metadata, path)
    if unsafe try metadata.format() != Metadata.format { unsafe try metadata.upgrade() }
    if let head = unsafe try Head.read(transaction.raw) {
      // As this version writes it, from the first commit on. One that is there stays: it is evidence of whose commit it was.
      if head.stamp == nil { unsafe try head.write(transaction.raw) }
      if unsafe try metadata.isBoundNear(head.revision) {
        unsafe try metadata.raiseRevisionBound(above: head.revision)
      }
    } else {
      let head = unsafe isNew ? Head(revision: 0, generation: 1) : try metadata.headAfterLoading()
      unsafe try head.write(transaction.raw)
      unsafe try metadata.raiseRevisionBound(above: head.revision)
    }
    try transaction.commit(.full)
    return (uuid, isNew)
  }

  static func unsupported(_ format: Int, _ path: String) -> LMKVError {
    LMKVError(
      .unsupportedFormat,
      unsafe "The store \(path) has format \(format); this version of LMKV knows format \(Metadata.format). Use a newer one."
    )
  }

  static func notAStore(_ path: String) -> LMKVError {
    LMKVError(
      .notAStore,
      "\(path) is not an LMKV store: it is an LMDB environment of another program, or was never initialised by a "
        + "writer. Give the path of a store."
    )
  }
}
