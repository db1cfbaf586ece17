public import Foundation

/// Where the contenders of one run keep their stores: a new directory, removed at the end unless it shall be kept.
public struct StoreDirectory {
  public let url: URL
  private let isKept: Bool

  /// Makes it in the directory `path`, and keeps it; without a path in the working directory rather than in the system's
  /// temporary directory, which is often in memory.
  public init(below path: String?, program: String, isKept: Bool) throws {
    let parent = URL(filePath: path ?? FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
    url = parent.appending(path: "\(program)-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
    self.isKept = isKept || path != nil
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// A new directory for one store.
  public func makeStore(_ name: String) throws -> URL {
    let store = url.appending(path: name, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: store, withIntermediateDirectories: false)
    return store
  }

  /// Frees the disk of a store that is done with.
  public func discard(_ store: URL) throws {
    if !isKept { try FileManager.default.removeItem(at: store) }
  }

  /// Call it at the end, also after a failure.
  public func close() {
    if isKept {
      printNote("the stores are kept in \(url.path)")
    } else {
      try? FileManager.default.removeItem(at: url)
    }
  }
}
