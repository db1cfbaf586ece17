import Foundation

/// A directory of one test's own.
///
/// It lasts as long as the body of ``withTemporaryDirectory(_:)`` and not as long as a reference to it: a value that
/// removed it when last used would remove it under a store that is still open.
struct TemporaryDirectory: Sendable {
  let url: URL

  var path: String { url.path }

  /// The path of a file in the directory.
  func path(of file: String) -> String { url.appendingPathComponent(file).path }

  /// Makes a directory below the system's temporary one. The name is short, as a socket's path must be.
  fileprivate init() throws {
    let name = "lmkv-" + String(UInt64.random(in: .min ... .max), radix: 36)
    url = FileManager.default.temporaryDirectory.appendingPathComponent(name, isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  }

  /// Removes the directory, or says where it is when `LMKV_KEEP` is set.
  fileprivate func dispose() {
    if ProcessInfo.processInfo.environment["LMKV_KEEP"] != nil {
      print("LMKV_KEEP: \(path)")
    } else {
      try? FileManager.default.removeItem(at: url)
    }
  }
}

/// Runs a body with a directory of its own, and removes that afterwards whatever happened.
func withTemporaryDirectory<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
  let directory = try TemporaryDirectory()
  defer { directory.dispose() }
  return try body(directory)
}

/// Runs an asynchronous body with a directory of its own, and removes that afterwards whatever happened.
func withTemporaryDirectory<Result>(
  isolation: isolated (any Actor)? = #isolation,
  _ body: (TemporaryDirectory) async throws -> Result
) async throws -> Result {
  let directory = try TemporaryDirectory()
  defer { directory.dispose() }
  return try await body(directory)
}
