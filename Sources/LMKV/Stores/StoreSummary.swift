public import Foundation
internal import LMDB

/// What can be told of a store without opening it.
public struct StoreSummary: Sendable {
  public let name: String
  /// Its directory.
  public let path: String
  /// Its identity; see ``Store/uuid``. Nil when it cannot be read.
  public let uuid: UUID?
  /// The revision of its latest commit, which may be just about to become durable. Nil when it cannot be read, and after it was loaded from a dump, until it is
  /// opened.
  public let revision: UInt64?
  /// The size of its data file, in bytes, free pages included.
  public let size: Int
  /// Whether a process, this one included, has it open. Other LMDB programs than LMKV do not count.
  public let isInUse: Bool
  /// Why it cannot be read: `notAStore`, `truncated`, `corrupted`, `unsupportedFormat`, `permissionDenied`; `busy` when
  /// it is being written to so much that no state could be read. Nil when all is well.
  public let problem: LMKVError?
}

extension StoreDirectory {
  /// All stores, in order of their names. Nothing is opened, locked or created, and no process has to wait.
  ///
  /// A store that cannot be read is there too, with its ``StoreSummary/problem``.
  ///
  /// - Throws: ``LMKVError`` with `notFound`, `notADirectory`, `permissionDenied`: for this directory.
  public func list() throws -> [StoreSummary] {
    try names().compactMap { name in
      do {
        return try info(name)
      } catch let error as LMKVError where error.code == .notFound {
        // Deleted since its name was read.
        return nil
      }
    }
  }

  /// What can be told of a store without opening, locking or creating anything.
  ///
  /// - Throws: ``LMKVError`` with `notFound`, `invalidName`, and with `permissionDenied` for its directory.
  public func info(_ name: String) throws -> StoreSummary {
    let location = try location(of: name)
    let files = EnvironmentFiles(directory: location)
    guard let size = files.dataSize else {
      throw LMKVError(.notFound, "There is no store \"\(name)\" in \(path). List the stores.")
    }
    let isInUse = try translatingErrors(location) { try files.areInUse() }
    var identity: (uuid: UUID?, revision: UInt64?)
    var problem: LMKVError?
    do {
      identity = try translatingErrors(location) { try Self.identity(files, location) }
    } catch let error as LMKVError where error.code != .notFound {
      problem = error
    }
    return StoreSummary(
      name: name,
      path: location,
      uuid: identity.uuid,
      revision: identity.revision,
      size: size,
      isInUse: isInUse,
      problem: problem
    )
  }

  private static func identity(_ files: EnvironmentFiles, _ location: String) throws -> (UUID?, UInt64?) {
    let values = unsafe try files.values(of: [
      (Metadata.databaseName, Array("format".utf8)), (Metadata.databaseName, Array("uuid".utf8)), (nil, Head.keyBytes),
    ])
    let format = try values[0].map { try decode(Int.self, $0, location) }
    guard let format, let uuid = values[1] else { throw StoreOpening.notAStore(location) }
    guard unsafe Metadata.readableFormats.contains(format) else { throw StoreOpening.unsupported(format, location) }
    return (try decode(UUID.self, uuid, location), values[2].flatMap { Head($0)?.revision })
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8], _ location: String) throws -> T {
    do {
      return unsafe try bytes.withUnsafeBytes { unsafe try ValueCoding.decode(type, from: $0) }
    } catch let error as DecodingError {
      throw LMKVError(.corrupted, "The store \(location) is damaged. Restore it from a backup.", cause: error)
    }
  }
}
