internal import ArgumentParser
internal import LMKV

struct ScanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "List the entries of a scope.",
    discussion: """
      Prints an entry a line, in the order of the keys: the key, a tab, and the value as JSON. All are of one moment, \
      and none waits for the whole. With --json the lines are what mset reads.

      EXAMPLES:
        lmkv scan users
        lmkv scan users --prefix a --limit 100 --after adam
        lmkv scan users --json | lmkv --store /backup/state mset users

      JSON, a line each: {"key":"ada","value":{"born":1815},"revision":7,"expires":null}
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Page") var page: PageOptions
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      try store.read { snapshot in
        try snapshot[scope.text].fullEntries(page.page(of: selection.selection)).forEach { entry in
          try output.entry(entry, asJSON: options.json)
        }
      }
    }
  }
}
