internal import Foundation
internal import LMDB
internal import LMDBPlatform

/// A directory that holds stores, each in a directory of its own, by name.
///
/// ```swift
/// let stores = StoreDirectory(path: "/var/lib/app")
/// let sessions = try stores.create("sessions")
/// for info in try stores.list() { print(info.name, info.size, info.isInUse) }
/// try stores.rename("sessions", to: "logins")         // once nobody has it open
/// try stores.delete("logins")
/// ```
///
/// Stores lock and commit independently of each other; for what belongs together use scopes of one store. Names are file
/// names: 1 to 255 bytes, no slash, no zero byte, no dot at the beginning.
public struct StoreDirectory: Sendable {
  /// The directory. It must exist.
  public let path: String

  /// Costs nothing and opens nothing.
  public init(path: String) {
    self.path = path
  }

  /// The names of all stores, in order. Nothing is opened, locked or created.
  ///
  /// - Throws: ``LMKVError`` with `notFound`, `notADirectory`, `permissionDenied`.
  public func names() throws -> [String] {
    try translatingErrors(path) {
      try contents(of: path)
        .filter { $0.utf8.first != UInt8(ascii: ".") && EnvironmentFiles(directory: "\(path)/\($0)").exist }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  /// Opens a store that exists.
  ///
  /// - Throws: ``LMKVError`` with `notFound`, and as ``Store/init(path:configuration:)``.
  public func open(_ name: String, configuration: Store.Configuration = .init()) throws -> Store {
    var configuration = configuration
    configuration.createsIfMissing = false
    return try Store(path: location(of: name), configuration: configuration)
  }

  /// Creates a store, and opens it. Of many who try at once, in all processes, one succeeds.
  ///
  /// - Throws: ``LMKVError`` with `storeExists`, `invalidName`, `notFound` when this directory is missing, and as
  ///   ``Store/init(path:configuration:)``.
  public func create(_ name: String, configuration: Store.Configuration = .init()) throws -> Store {
    let location = try location(of: name)
    guard try !isTaken(name) else { throw exists(name) }
    var configuration = configuration
    configuration.createsIfMissing = true
    let store = try Store(path: location, configuration: configuration)
    guard store.isNew else {
      try store.close()
      throw exists(name)
    }
    return store
  }

  /// Gives a store that nobody has open another name.
  ///
  /// - Throws: ``LMKVError`` with `storeInUse`, `storeExists`, `notFound`, `invalidName`, `busy`.
  public func rename(_ name: String, to newName: String) throws {
    let old = try location(of: name)
    let new = try location(of: newName)
    do {
      try EnvironmentFiles(directory: old).move(to: new)
    } catch {
      switch error.code.rawValue {
      case EEXIST: throw exists(newName)
      case EBUSY: throw inUse(name, "renamed", " Close it everywhere first.", error)
      default: throw translated(error, old)
      }
    }
  }

  /// Deletes a store that nobody has open, with everything in it, for good.
  ///
  /// It vanishes as a whole, whenever the process is killed. Other LMDB programs than LMKV are not noticed when they
  /// have it open.
  ///
  /// - Parameter force: whether to delete it even while processes have it open. They read what they have until
  ///   they close it. Within a tenth of a second their writes fail with `filesReplaced`; what they have written till then
  ///   is lost.
  /// - Throws: ``LMKVError`` with `storeInUse`, `notFound`, `invalidName`, `busy`, and with `inputOutput` when there is
  ///   something in its directory that is no part of a store.
  public func delete(_ name: String, force: Bool = false) throws {
    let location = try location(of: name)
    let trash = "\(path)/\(Self.trashPrefix)\(UUID().uuidString)"
    do {
      try EnvironmentFiles(directory: location).remove(force: force, trash: trash)
    } catch {
      switch error.code.rawValue {
      case EBUSY: throw inUse(name, "deleted", " Close it everywhere first, or force it.", error)
      case ENOTEMPTY:
        throw LMKVError(
          .inputOutput,
          "The store \(location) is not deleted: its directory holds something that is no part of it (\(error)). Move "
            + "that elsewhere first.",
          cause: error
        )
      default: throw translated(error, location)
      }
    }
    try translatingErrors(path) { try removeTrash() }
  }

  /// Removes what a killed deletion left.
  private func removeTrash() throws {
    for name in try contents(of: path) where name.utf8.starts(with: Self.trashPrefix.utf8) {
      try EnvironmentFiles.removeTrash("\(path)/\(name)")
    }
  }

  private static let trashPrefix = ".lmkv-deleted-"

  // MARK: Names and errors

  func location(of name: String) throws -> String {
    let size = name.utf8.count
    let isHidden = name.utf8.first == UInt8(ascii: ".")
    guard (1...255).contains(size), !isHidden, !name.utf8.contains(0), !name.utf8.contains(0x2F) else {
      throw LMKVError(
        .invalidName,
        "A store's name has 1 to 255 bytes, no slash, no zero byte, and no dot at the beginning; "
          + "\"\(name.prefix(40))\" has \(size) bytes. Choose another name."
      )
    }
    return "\(path)/\(name)"
  }

  /// Whether there is a sound store, or something else than a store. What a killed creation leaves is neither.
  private func isTaken(_ name: String) throws -> Bool {
    let files = EnvironmentFiles(directory: try location(of: name))
    do {
      if try files.foreignFile() != nil { return true }
      return try files.exist && info(name).problem == nil
    } catch let error as LMDBError where error.code.rawValue == ENOENT {
      return false
    } catch let error as LMDBError where error.code.rawValue == ENOTDIR {
      return true
    } catch let error as LMDBError {
      throw translated(error, "\(path)/\(name)")
    } catch let error as LMKVError where error.code == .notFound {
      return false
    }
  }

  func translatingErrors<R>(_ location: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as LMDBError {
      throw translated(error, location)
    }
  }

  private func translated(_ error: LMDBError, _ location: String) -> LMKVError {
    ErrorTranslation(path: location, maxSize: nil)(error)
  }

  private func exists(_ name: String) -> LMKVError {
    LMKVError(.storeExists, "There is a \"\(name)\" in \(path) already. Choose another name, or delete it first.")
  }

  private func inUse(_ name: String, _ what: String, _ wayOut: String, _ cause: LMDBError) -> LMKVError {
    LMKVError(
      .storeInUse,
      "The store \"\(name)\" in \(path) is not \(what), because a process has it open.\(wayOut)",
      cause: cause
    )
  }
}
