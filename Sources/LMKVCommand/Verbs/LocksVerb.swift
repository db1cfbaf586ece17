internal import ArgumentParser
internal import Foundation
internal import LMKV

struct LocksVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "locks",
    abstract: "List who writes, who has locks and permits, and who waits for them.",
    discussion: """
      A line for each process that has or waits for something: kind, name, state, process, program, and since when, with \
      tabs between; on a terminal a table. The kind write is the right to write, which a transaction has while it runs; \
      lock, semaphore and computation are named. Who waits comes in the order in which it will get it. The dead have \
      nothing, and are not listed.

      EXAMPLES:
        lmkv locks
        watch lmkv locks

      JSON, a line for each lock:
      {"kind":"lock","name":"import","permits":1,
       "holders":[{"pid":4711,"program":"worker","since":{"$date":1767225600000}}],"waiters":[]}
      """
  )

  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      var table = Table(headings: ["kind", "name", "state", "pid", "program", "for"])
      for info in try store.coordinationInfos() {
        let isIdle = info.holders.isEmpty && info.waiters.isEmpty
        if options.json {
          if !isIdle { try output.object(json(info)) }
          continue
        }
        for (state, owners) in [("holds", info.holders), ("waits", info.waiters)] {
          for owner in owners {
            let row = [
              info.kind.rawValue, KeyArgument.printed(info.name), state, "\(owner.processID)", owner.program,
            ]
            if output.isTerminal {
              table.rows.append(row + [Self.readable(Date.now.timeIntervalSince(owner.since))])
            } else {
              try output.line((row + [owner.since.ISO8601Format()]).joined(separator: "\t"))
            }
          }
        }
      }
      if !table.rows.isEmpty { try table.write(to: output) }
    }
  }

  private func json(_ info: CoordinationInfo) -> KeyValuePairs<String, Value> {
    func owners(_ owners: [CoordinationInfo.Owner]) -> Value {
      .array(
        owners.map { owner in
          ["pid": .integer(Int128(owner.processID)), "program": .string(owner.program), "since": .date(owner.since)]
        }
      )
    }
    return [
      "kind": .string(info.kind.rawValue), "name": .string(info.name), "permits": .integer(Int128(info.permits)),
      "holders": owners(info.holders), "waiters": owners(info.waiters),
    ]
  }

  private static func readable(_ seconds: TimeInterval) -> String {
    let seconds = max(0, seconds)
    if seconds < 10 { return "\(Int(seconds * 1_000)) ms" }
    if seconds < 600 { return "\(Int(seconds)) s" }
    return seconds < 36_000 ? "\(Int(seconds / 60)) min" : "\(Int(seconds / 3_600)) h"
  }
}
