internal import ArgumentParser
internal import Foundation
internal import LMKV

struct ReadersVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "readers",
    abstract: "List who reads the store, since when, and what that keeps from being used again.",
    discussion: """
      Prints process ID, program, state, age in seconds, LMDB's transaction, and pages, with tabs between; on a terminal \
      a table. A snapshot keeps the pages that were freed since it began: they cannot be used again, and the file grows. \
      The first line is the oldest snapshot. The age is known for the oldest snapshot of each process.

      States: "reading", an open snapshot; "checkpoint", one of the store's own, which ends with the next checkpoint; \
      "idle", a slot that is kept for the next snapshot and keeps no pages; "dead", what a killed process left behind and \
      the next writer sweeps.

      EXAMPLES:
        lmkv readers
        lmkv readers --json | head -1

      JSON, a line each: {"pid":4711,"program":"worker","state":"reading","age":12.5,"transaction":7,"pages":120}
      """
  )

  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      let own = ProcessInfo.processInfo.processIdentifier
      var table = Table(headings: ["program", "pid", "state", "age", "transaction", "pages"])
      for reader in try store.readers() where reader.processID != own {
        if options.json {
          try output.object(json(reader))
        } else if output.isTerminal {
          let cells = cells(reader)
          table.rows.append([cells[1], cells[0]] + cells[2...])
        } else {
          try output.line(cells(reader).joined(separator: "\t"))
        }
      }
      if !table.rows.isEmpty { try table.write(to: output) }
    }
  }

  private func json(_ reader: ReaderInfo) -> KeyValuePairs<String, Value> {
    [
      "pid": .integer(Int128(reader.processID)),
      "program": reader.program.map(Value.string) ?? .null,
      "state": .string(state(reader)),
      "age": seconds(reader).map(Value.double) ?? .null,
      "transaction": reader.transactionID.map { .integer(Int128($0)) } ?? .null,
      "pages": .integer(Int128(reader.pinnedPages)),
    ]
  }

  private func cells(_ reader: ReaderInfo) -> [String] {
    [
      "\(reader.processID)", reader.program.map(KeyArgument.printed) ?? "-", state(reader),
      seconds(reader).map { "\($0)" } ?? "-", reader.transactionID.map { "\($0)" } ?? "-", "\(reader.pinnedPages)",
    ]
  }

  private func state(_ reader: ReaderInfo) -> String {
    guard reader.isAlive else { return "dead" }
    guard reader.transactionID != nil else { return "idle" }
    return reader.isCheckpoint ? "checkpoint" : "reading"
  }

  /// To the hundredth: the clock is no more exact.
  private func seconds(_ reader: ReaderInfo) -> Double? {
    reader.age.map { ($0 / .milliseconds(10)).rounded() / 100 }
  }
}
