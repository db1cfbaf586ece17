internal import ArgumentParser
internal import LMKV

struct ScopesVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scopes",
    abstract: "List the scopes of the store.",
    discussion: """
      Prints name, entries, and the bytes of the file that they take, with tabs between; on a terminal a table. Entries \
      that have expired count until they are swept.

      EXAMPLES:
        lmkv scopes
        lmkv scopes | sort -t "$(printf '\\t')" -k 3 -n

      JSON, a line each: {"name":"users","entries":2,"bytes":4096}
      """
  )

  @OptionGroup var options: StoreOptions

  func run() throws {
    try listScopes(options)
  }
}

/// What `scopes` and `scope list` print.
func listScopes(_ options: StoreOptions) throws {
  try options.withStore(.reading) { store, output in
    var table = Table(headings: ["scope", "entries", "size"])
    for scope in try store.scopeInfos {
      let name = KeyArgument.printed(scope.name)
      if options.json {
        try output.object([
          "name": .string(scope.name), "entries": .integer(Int128(scope.entries)),
          "bytes": .integer(Int128(scope.size)),
        ])
      } else if output.isTerminal {
        table.rows.append([name, "\(scope.entries)", readableSize(scope.size)])
      } else {
        try output.line("\(name)\t\(scope.entries)\t\(scope.size)")
      }
    }
    if !table.rows.isEmpty { try table.write(to: output) }
  }
}
