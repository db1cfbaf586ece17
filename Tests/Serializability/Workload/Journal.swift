internal import Foundation
internal import Synchronization

/// Keeps what the workers of a process do, as it happens: a killed process leaves what it began without an end.
package final class Journal: Sendable {
  private let records = Mutex<[Record]>([])
  /// A file for a process that may be killed. Each record is written at once, so that it is whole or was never begun.
  private let file: FileHandle?

  /// A journal in memory.
  package init() {
    file = nil
  }

  /// A journal in a file that does not exist yet.
  package init(path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  /// Notes that something is about to begin.
  func begin(_ record: Record) throws {
    if file != nil { try write(record) }
  }

  /// Notes how it ended.
  func end(_ record: Record) throws {
    guard file == nil else { return try write(record) }
    records.withLock { $0.append(record) }
  }

  private func write(_ record: Record) throws {
    try file?.write(contentsOf: JSONEncoder().encode(record) + [UInt8(ascii: "\n")])
  }

  /// What has been kept.
  package var kept: [Record] { records.withLock { $0 } }

  /// What another process has kept. Of what it began and did not end, only the beginning.
  package static func read(path: String) throws -> [Record] {
    let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(
      separator: UInt8(ascii: "\n"),
      omittingEmptySubsequences: false
    )
    var records: [Int: Record] = [:]
    // What follows on the last line feed is not whole.
    for line in lines.dropLast() {
      let record = try JSONDecoder().decode(Record.self, from: Data(line))
      records[record.id] = record
    }
    return records.values.sorted { $0.id < $1.id }
  }
}
