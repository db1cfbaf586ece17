internal import ArgumentParser
internal import Foundation
internal import LMKV

struct StoreListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the stores in a directory.",
    discussion: """
      Prints name, bytes of the data file, and state, with tabs between; on a terminal a table. The state is free, in \
      use, or why the store cannot be read. Nothing is opened, locked or created.

      EXAMPLES:
        lmkv store list /var/lib/app
        lmkv store list --json

      JSON, a line each:
      {"name":"state","path":"/var/lib/app/state","uuid":"…","revision":7,"bytes":32768,"inUse":false,"problem":null}
      What cannot be read is null; problem is then the object of an error.
      """
  )

  @Argument(
    help: "The directory; without it the one around the store of --store or $LMKV_STORE.",
    completion: .directory
  )
  var directory: String?
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if directory != nil { try options.refuseStore() }
  }

  func run() throws {
    let stores =
      if let directory { StoreDirectory(path: DashedNumbers.restored(directory)) } else {
        StoreArgument(argument: try options.path()).directory
      }
    try options.withOutput { output in
      var table = Table(headings: ["store", "size", "state"])
      for store in try stores.list() {
        let name = KeyArgument.printed(store.name)
        let state = store.problem.map { "\($0.code)" } ?? (store.isInUse ? "in use" : "free")
        if options.json {
          try output.object(json(store))
        } else if output.isTerminal {
          table.rows.append([name, readableSize(store.size), state])
        } else {
          try output.line("\(name)\t\(store.size)\t\(state)")
        }
      }
      if !table.rows.isEmpty { try table.write(to: output) }
    }
  }

  private func json(_ store: StoreSummary) -> KeyValuePairs<String, Value> {
    [
      "name": .string(store.name), "path": .string(store.path),
      "uuid": store.uuid.map { .string($0.uuidString) } ?? .null,
      "revision": store.revision.map { .integer(Int128($0)) } ?? .null,
      "bytes": .integer(Int128(store.size)), "inUse": .bool(store.isInUse),
      "problem": store.problem.map { ["error": .string("\($0.code)"), "message": .string($0.message)] } ?? .null,
    ]
  }
}
