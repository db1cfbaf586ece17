internal import ArgumentParser
internal import LMKV

struct ClearVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear",
    abstract: "Remove everything from a scope.",
    discussion: """
      Prints how many entries there were. The scope stays, empty.

      EXAMPLES:
        lmkv clear sessions

      JSON: {"scope":"sessions","removed":12}
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.changing) { store, output in
      let removed = try store.scope(scope.text).clear()
      if options.json {
        try output.object(["scope": .string(scope.text), "removed": .integer(Int128(removed))])
      } else {
        try output.line("\(removed)")
      }
    }
  }
}
