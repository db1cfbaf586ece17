internal import ArgumentParser
internal import LMKV

struct MGetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mget",
    abstract: "Print the values of several keys, all of one moment.",
    discussion: """
      Prints a line for each key that is there, in the order of the arguments: the key, a tab, and the value as JSON.

      EXAMPLES:
        lmkv mget users ada bob
        lmkv mget users ada bob --json

      JSON, a line each: {"key":"ada","value":{"born":1815},"revision":7,"expires":null}

      EXIT STATUS: 1 when one of the keys is absent.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("The keys.", valueName: "key")) var keys: [KeyArgument]
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      var absent: [String] = []
      try store.read { snapshot in
        let view = snapshot[scope.text]
        for key in keys {
          if let entry = try view.entry(key.text) {
            try output.entry(entry, asJSON: options.json)
          } else {
            absent.append(key.text)
          }
        }
      }
      guard absent.isEmpty else { throw CommandFailure.noEntries(absent, in: scope.text) }
    }
  }
}
