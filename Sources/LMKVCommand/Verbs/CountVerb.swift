internal import ArgumentParser
internal import LMKV

struct CountVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Count the keys of a scope.",
    discussion: """
      A scope that does not exist has none.

      EXAMPLES:
        lmkv count users
        lmkv count users --prefix a

      JSON: {"scope":"users","count":2}
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      let count = try store.scope(scope.text).count(selection.selection)
      if options.json {
        try output.object(["scope": .string(scope.text), "count": .integer(Int128(count))])
      } else {
        try output.line("\(count)")
      }
    }
  }
}
