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

      EXAMPLES:
        lmkv info
        lmkv info --json

      JSON: {"path":"/var/lib/app/state","uuid":"…","format":2,"revision":7,
             "lmdb":{"version":"0.9.24","format":1},
             "file":{"bytes":32768,"allocated":32768},
             "pages":{"bytes":4096,"used":6,"free":2},"map":1099511627776,
             "scopes":1,"entries":2,"maxReaders":4096,
             "readers":[{"pid":4711,"transaction":null}]}
      """
  )

  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      let info = try store.info()
      let own = ProcessInfo.processInfo.processIdentifier
      let readers = info.readers.filter { $0.processID != own }
      if options.json {
        try output.object(json(info, readers))
      } else {
        try lines(info, readers, output)
      }
    }
  }

  private func json(_ info: StoreInfo, _ readers: [StoreInfo.Reader]) -> KeyValuePairs<String, Value> {
    func number(_ number: Int) -> Value { .integer(Int128(number)) }
    return [
      "path": .string(info.path),
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
  private func lines(_ info: StoreInfo, _ readers: [StoreInfo.Reader], _ output: Output) throws {
    func size(_ bytes: Int) -> String { output.isTerminal ? readableSize(bytes) : "\(bytes)" }
    let figures: KeyValuePairs = [
      "path": info.path,
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
