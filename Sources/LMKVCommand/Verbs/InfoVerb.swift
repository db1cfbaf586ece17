internal import ArgumentParser
internal import Foundation
internal import LMKV

struct InfoVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Print what the store is, how large, and who reads it.",
    discussion: """
      Free pages were freed by earlier transactions, and later ones use them before the file grows. Readers are open \
      snapshots of other processes; an old one keeps pages from being used again. What commits wait for is not stored: \
      each process chooses it.

      The state is that before this verb opened the store: clean; dirty, while others write much (in use), or because \
      nobody has closed the store (to be recovered, which opening it does); or in doubt. In doubt the store cannot be \
      opened: the state and what was found are all that is printed, and lmkv recover says what can be done.

      EXAMPLES:
        lmkv info
        lmkv info --json

      JSON: {"path":"/var/lib/app/state","state":"clean","inUse":false,"uuid":"…","format":2,"revision":7,
             "lmdb":{"version":"0.9.24","format":1},
             "file":{"bytes":32768,"allocated":32768},
             "pages":{"bytes":4096,"used":6,"free":2},"map":1099511627776,
             "scopes":1,"entries":2,"maxReaders":4096,
             "readers":[{"pid":4711,"transaction":null}]}
      In doubt: {"path":"/var/lib/app/state","state":"inDoubt","inUse":false,"evidence":["…"]}

      EXIT STATUS: 4 when the store is in doubt.
      """
  )

  @OptionGroup var options: StoreOptions

  func run() throws {
    // Opening a store may recover it.
    let report = try Store.recoveryReport(path: options.path(), weighingChoices: false)
    guard report.state != .inDoubt else {
      try printDoubt(report)
      throw CommandFailure(inDoubt: report)
    }
    try options.withStore(.reading) { store, output in
      let info = try store.info()
      let own = ProcessInfo.processInfo.processIdentifier
      let readers = info.readers.filter { $0.processID != own }
      if options.json {
        try output.object(json(report, info, readers))
      } else {
        try lines(report, info, readers, output)
      }
    }
  }

  /// All that can be said of a store that is not going to be opened.
  private func printDoubt(_ report: RecoveryReport) throws {
    let output = Output()
    if options.json {
      try output.object([
        "path": .string(report.path), "state": .string("\(report.state)"), "inUse": .bool(report.isInUse),
        "evidence": .array(report.evidence.map(Value.string)),
      ])
    } else {
      try line("path", report.path, output)
      try line("state", report.stateText, output)
      for sentence in report.evidence { try line("evidence", sentence, output) }
    }
    try output.flush()
  }

  private func json(
    _ report: RecoveryReport,
    _ info: StoreInfo,
    _ readers: [StoreInfo.Reader]
  ) -> KeyValuePairs<String, Value> {
    func number(_ number: Int) -> Value { .integer(Int128(number)) }
    return [
      "path": .string(info.path),
      "state": .string("\(report.state)"),
      "inUse": .bool(report.isInUse),
      "uuid": .string(info.uuid.uuidString),
      "format": number(info.format),
      "revision": .integer(Int128(info.revision)),
      "lmdb": ["version": .string(info.engineVersion), "format": number(info.engineFormat)],
      "file": ["bytes": number(info.fileSize), "allocated": number(info.allocatedSize)],
      "pages": ["bytes": number(info.pageSize), "used": number(info.usedPages), "free": number(info.freePages)],
      "map": number(info.mapSize),
      "scopes": number(info.scopes),
      "entries": number(info.entries),
      "maxReaders": number(info.maxReaders),
      "readers": .array(
        readers.map { reader in
          let transaction: Value = reader.transactionID.map { .integer(Int128($0)) } ?? .null
          return ["pid": .integer(Int128(reader.processID)), "transaction": transaction]
        }
      ),
    ]
  }

  /// A figure a line: its name, a tab, and its value; on a terminal aligned, and sizes for people.
  private func lines(
    _ report: RecoveryReport,
    _ info: StoreInfo,
    _ readers: [StoreInfo.Reader],
    _ output: Output
  ) throws {
    func size(_ bytes: Int) -> String { output.isTerminal ? readableSize(bytes) : "\(bytes)" }
    let figures: KeyValuePairs = [
      "path": info.path,
      "state": report.stateText,
      "uuid": info.uuid.uuidString,
      "format": "\(info.format)",
      "revision": "\(info.revision)",
      "lmdb": "\(info.engineVersion), format \(info.engineFormat)",
      "file": size(info.fileSize),
      "allocated": size(info.allocatedSize),
      "page": size(info.pageSize),
      "used pages": "\(info.usedPages)",
      "free pages": "\(info.freePages)",
      "map": size(info.mapSize),
      "scopes": "\(info.scopes)",
      "entries": "\(info.entries)",
      "readers": "\(readers.count) of \(info.maxReaders)",
    ]
    for (name, figure) in figures { try line(name, figure, output) }
    for reader in readers {
      let state = reader.transactionID.map { "transaction \($0)" } ?? "idle"
      try line("reader", "process \(reader.processID), \(state)", output)
    }
  }

  private func line(_ name: String, _ figure: String, _ output: Output) throws {
    guard output.isTerminal else { return try output.line("\(name)\t\(figure)") }
    let space = String(repeating: " ", count: 12 - name.count)
    try output.line("\(output.style.faint(name))\(space)\(figure)")
  }
}
