import Foundation
import LMDB
import Testing

/// A directory of a test's own. Its environment lives in `store`, which does not exist yet.
struct TestDirectory {
  let path: String
  var store: String { path + "/store" }
  var dataFile: String { store + "/data.mdb" }

  func open(_ change: (inout Environment.Configuration) -> Void = { _ in }) throws -> Environment {
    var configuration = Environment.Configuration()
    configuration.sync = .unsafeNone
    change(&configuration)
    return try Environment.open(store, configuration)
  }
}

/// What the fixture checks when the test is done.
enum Judgement {
  /// Every database is walked from both ends, and nothing of the directory is open afterwards.
  case sound
  /// The same, and a check of the pages by a tool that is not ours.
  case soundToOthers
  /// The test left a damaged file or none: only that nothing is open.
  case closed
}

/// Runs a test in a directory of its own, judges the store that it leaves, and removes the directory.
func withDirectory(_ judgement: Judgement = .sound, _ body: (TestDirectory) throws -> Void) throws {
  let path = FileManager.default.temporaryDirectory.path + "/lmdb-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  let directory = TestDirectory(path: path)
  try body(directory)
  #expect(openFiles(below: path) == [], "the test left files open")
  switch judgement {
  case .closed: return
  case .sound: try checkStore(directory)
  case .soundToOthers:
    try checkStore(directory)
    try checkWithOutsideReader(directory)
  }
  #expect(openFiles(below: path) == [], "the check left files open")
}

/// The files below a path that this process has open.
func openFiles(below path: String) -> [String] {
  let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return descriptors.compactMap { descriptor in
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
    return target.flatMap { $0.hasPrefix(path + "/") ? $0 : nil }
  }
}

/// Walks every database forwards and backwards; both ways must meet as many entries as the statistics say. And the check
/// of the file finds nothing.
private func checkStore(_ directory: TestDirectory) throws {
  let environment = try directory.open()
  let names = try environment.databaseNames()
  let named = try names.map { try #require(try environment.openDatabase($0)) }
  try environment.read { transaction in
    for database in [environment.mainDatabase] + named {
      let entries = try transaction.statistics(of: database).entries
      try transaction.withCursor(in: database) { cursor in
        for reversed in [false, true] {
          var count = 0
          var sum = 0
          try cursor.forEach(reversed: reversed) { key, value in
            count += 1
            // Touches every page.
            for offset in stride(from: 0, to: value.byteCount, by: 1_024) {
              sum &+= Int(value.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
            return true
          }
          #expect(count == entries && sum >= 0, "\(database.name ?? "main"), reversed: \(reversed)")
        }
      }
    }
  }
  #expect(try environment.readers().allSatisfy { $0.transactionID == nil }, "a read transaction was left open")
  let checked = try check(directory.dataFile)
  #expect(checked.findings.map(\.message) == [])
  #expect(checked.figures.freePages == UInt64(try environment.freePageCount()))
}

/// py-lmdb's page-by-page check, where it is installed.
private func checkWithOutsideReader(_ directory: TestDirectory) throws {
  guard try run("python3", ["-c", "import lmdb"]).status == 0 else { return }
  let check = try run("python3", ["-m", "lmdb", "verify", directory.store])
  #expect(check.status == 0, "\(check.output)")
}

private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
