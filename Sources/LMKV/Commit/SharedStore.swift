internal import LMDB
internal import Synchronization

/// What all ``Store`` values of this process on one environment share: the queue of writers, and the way to the disk.
// `writer` is used by the leader of the queue only, and leadership passes from thread to thread with acquire and release.
final class SharedStore: @unchecked Sendable {
  let commitPath: CommitPath
  let queue = WriteQueue()
  let catalogs = CatalogCache()
  /// What the leader encodes with.
  private var writer = CBORWriter()
  private let users = Mutex(1)

  private init(_ environment: Environment) {
    commitPath = CommitPath(environment)
  }

  private struct Known {
    // It keeps its environment, so that an identifier in the registry cannot mean another one.
    weak var shared: SharedStore?
  }

  private static let registry = Mutex<[ObjectIdentifier: Known]>([:])

  /// Comes together with the other stores on the environment. Each ends it with ``detach()``.
  static func attach(_ environment: Environment) -> SharedStore {
    registry.withLock { registry in
      if let shared = registry[ObjectIdentifier(environment)]?.shared, shared.addUser() { return shared }
      registry = registry.filter { $0.value.shared != nil }
      let shared = SharedStore(environment)
      registry[ObjectIdentifier(environment)] = Known(shared: shared)
      return shared
    }
  }

  private func addUser() -> Bool {
    users.withLock { users in
      // One that was stopped already stays stopped: transactions that still run may keep it.
      guard users > 0 else { return false }
      users += 1
      return true
    }
  }

  /// Ends the use by one store, and brings its relaxed commits to the disk.
  func detach() throws {
    let isLast = users.withLock { users in
      users -= 1
      return users == 0
    }
    guard isLast else { return try commitPath.flush() }
    queue.thread.stop()
    try commitPath.stop()
  }

  /// The leader's writer, empty. One that somebody has kept, such as an encoder that outlived its value, is theirs.
  func emptyWriter() -> CBORWriter {
    if isKnownUniquelyReferenced(&writer) { writer.reset() } else { writer = CBORWriter() }
    return writer
  }
}
