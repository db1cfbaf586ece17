import Foundation
import Testing

/// Something outside this package that a test needs is missing.
struct MissingRequirement: Error, CustomStringConvertible {
  let description: String
}

/// Skips the running test because something it needs is not installed; fails it when `CI` is set, where all must be.
func skipUnlessCI(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Never {
  if ProcessInfo.processInfo.environment["CI"] != nil { throw MissingRequirement(description: reason) }
  try Test.cancel(Comment(rawValue: reason), sourceLocation: sourceLocation)
}

/// The program of this name on `PATH`; without it the test is skipped, or fails when `CI` is set.
func requireExecutable(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  for folder in path.split(separator: ":") {
    let candidate = "\(folder)/\(name)"
    if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
  }
  try skipUnlessCI("\(name) is not on PATH", sourceLocation: sourceLocation)
}
