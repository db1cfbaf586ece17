internal import ArgumentParser
internal import LMKV

struct KeysVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "List the keys of a scope.",
    discussion: """
      Prints a key a line, in the order of the bytes of their UTF-8. A scope that does not exist has no keys.

      EXAMPLES:
        lmkv keys users
        lmkv keys users --pattern 'a*' --limit 10
        lmkv keys users --range a..n --reverse

      JSON, a line each: {"key":"ada"}
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Page") var page: PageOptions
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      try store.read { snapshot in
        try snapshot[scope.text].keys(page.page(of: selection.selection)).forEach { key in
          if options.json {
            try output.object(["key": .string(key)])
          } else {
            try output.line(KeyArgument.printed(key))
          }
        }
      }
    }
  }
}
