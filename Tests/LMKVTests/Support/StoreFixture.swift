import Foundation
import LMKV
import Testing

/// How thoroughly a store is judged when its test is over.
enum Judgement {
  /// Every entry, the catalog and the open files.
  case sound
  /// And every page, by a program that is not ours.
  case soundToOthers
  /// Every entry and the catalog; but the files beside the data file may contradict it.
  case inDoubt
}

extension Store.Configuration {
  /// For tests that hold the store while others wait: on a machine that stands still for a minute, too. Where a test sets how
  /// long writes wait, that stays.
  fileprivate var patient: Self {
    var configuration = self
    if writeTimeout == Self().writeTimeout { configuration.writeTimeout = nil }
    return configuration
  }
}

/// Runs a test with a store in a directory of its own, and judges what it leaves behind.
///
/// ```swift
/// try withStore { store in try store.scope("s").set("key", 1) }
/// ```
func withStore(
  _ configuration: Store.Configuration = .init(),
  _ judgement: Judgement = .sound,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (Store) throws -> Void
) throws {
  try withTemporaryDirectory { directory in
    try onceWithStore(configuration, directory, body)
    try judge(directory, judgement, sourceLocation)
  }
}

/// The same for an asynchronous test.
func withStore(
  _ configuration: Store.Configuration = .init(),
  _ judgement: Judgement = .sound,
  isolation: isolated (any Actor)? = #isolation,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (Store) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    let store = try Store(path: directory.path(of: "store"), configuration: configuration.patient)
    do {
      try await body(store)
      try store.close()
    } catch {
      // What the body threw says more than what closing might add.
      try? store.close()
      throw error
    }
    try judge(directory, judgement, sourceLocation)
  }
}

/// Runs a test with the path of a store that does not exist yet, and judges what is there in the end.
func withStorePath(
  _ judgement: Judgement = .sound,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (String) throws -> Void
) throws {
  try withTemporaryDirectory { directory in
    try body(directory.path(of: "store"))
    try judge(directory, judgement, sourceLocation)
  }
}

private func onceWithStore(
  _ configuration: Store.Configuration,
  _ directory: TemporaryDirectory,
  _ body: (Store) throws -> Void
) throws {
  let store = try Store(path: directory.path(of: "store"), configuration: configuration.patient)
  do {
    try body(store)
    try store.close()
  } catch {
    try? store.close()
    throw error
  }
}

private func judge(
  _ directory: TemporaryDirectory,
  _ judgement: Judgement,
  _ sourceLocation: SourceLocation
) throws {
  let path = directory.path(of: "store")
  #expect(openFiles(below: path) == [], "files of the store are open after its close", sourceLocation: sourceLocation)
  try StoreJudge(path: path, mayBeInDoubt: judgement == .inDoubt, sourceLocation: sourceLocation).judge()
  if judgement == .soundToOthers { try expectSoundPages(path, sourceLocation: sourceLocation) }
}

/// The files below a path that this process has open.
func openFiles(below path: String) -> [String] {
  let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return descriptors.compactMap { descriptor in
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
    return target.flatMap { $0.hasPrefix(path + "/") ? $0 : nil }
  }
}

/// Lets py-lmdb look at every page.
func expectSoundPages(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let interpreter = try requireExecutable("python3", sourceLocation: sourceLocation)
  guard try run(interpreter, ["-c", "import lmdb.tool as t; assert 'verify' in t.__doc__"]).status == 0 else {
    try skipUnlessCI("Python has no module lmdb that can verify", sourceLocation: sourceLocation)
  }
  let result = try run(interpreter, ["-m", "lmdb", "verify", "-e", path])
  #expect(result.status == 0, "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
  #expect(result.output.contains("verify: OK"), "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
}
