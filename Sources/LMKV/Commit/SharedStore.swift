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

  private init(_ environment: Environment) {
    commitPath = CommitPath(environment)
  }

  private struct Entry {
    let shared: SharedStore
    var users: Int
  }

  /// By environment. An entry goes with its last user; a weak reference would make every use of the object slower.
  private static let registry = Mutex<[ObjectIdentifier: Entry]>([:])

  /// Comes together with the other stores on the environment. Each ends it with ``detach()``.
  static func attach(_ environment: Environment) -> SharedStore {
    registry.withLock { registry in
      var entry = registry[ObjectIdentifier(environment)] ?? Entry(shared: SharedStore(environment), users: 0)
      entry.users += 1
      registry[ObjectIdentifier(environment)] = entry
      return entry.shared
    }
  }

  /// Ends the use by one store, and brings its relaxed commits to the disk.
  func detach() throws {
    let key = ObjectIdentifier(commitPath.environment)
    let isLast = Self.registry.withLock { registry in
      registry[key]?.users -= 1
      guard registry[key]?.users == 0 else { return false }
      registry[key] = nil
      return true
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
