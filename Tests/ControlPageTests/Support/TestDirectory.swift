import Foundation

/// Runs a body with the path of a page in a directory of its own, which goes afterwards.
func withPage(_ body: (String) throws -> Void) throws {
  let name = "lmkv-" + String(UInt64.random(in: .min ... .max), radix: 36)
  let url = FileManager.default.temporaryDirectory.appending(path: name)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: url) }
  try body(url.appending(path: "control").path)
}
