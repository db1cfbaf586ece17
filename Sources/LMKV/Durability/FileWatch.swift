internal import LMDB
internal import LMDBPlatform

/// Notices that a file of a store that is open was removed, moved or replaced: what is written then nobody would find under
/// the store's path, and another process may be writing a new store beside it.
///
/// Writers look before a transaction, at most every 100 ms; readers never do, and go on with the files that they have.
struct FileWatch {
  private static let interval: UInt64 = 100_000_000

  private let files: [(path: String, identity: DirectoryLayout.FileIdentity)]
  /// When to look again, in nanoseconds of the coarse clock.
  private var next: UInt64 = 0

  /// Those of the files that are there now.
  init(_ paths: [String]) {
    files = paths.compactMap { path in DirectoryLayout.FileIdentity(path: path).map { (path, $0) } }
  }

  /// Throws when one of them is not there any more. After that every call looks, so that no write comes through.
  @inline(__always)
  mutating func checkFromTimeToTime() throws(LMDBError) {
    let now = CoarseClock.nanoseconds
    if now >= next { try look(now) }
  }

  @inline(never)
  private mutating func look(_ now: UInt64) throws(LMDBError) {
    for file in files {
      switch Self.find(file) {
      case .inPlace: continue
      case .gone: throw LMDBError(.filesReplaced, "\(file.path) was removed or moved")
      case .replaced: throw LMDBError(.filesReplaced, "\(file.path) was replaced by another file")
      }
    }
    next = now + Self.interval
  }

  /// Whether there is another file under the name of one of them: what is there belongs to somebody else.
  var isReplaced: Bool { files.contains { Self.find($0) == .replaced } }

  private enum Finding { case inPlace, gone, replaced }

  private static func find(_ file: (path: String, identity: DirectoryLayout.FileIdentity)) -> Finding {
    guard let found = DirectoryLayout.FileIdentity(path: file.path) else {
      // Whoever may not look (it has given up privileges since it opened the store) has seen nothing.
      return errno == ENOENT || errno == ENOTDIR ? .gone : .inPlace
    }
    return found == file.identity ? .inPlace : .replaced
  }
}
