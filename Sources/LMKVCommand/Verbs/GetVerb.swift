internal import ArgumentParser
internal import LMKV

struct GetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Print the value of a key.",
    discussion: """
      The value is printed as JSON, on a terminal indented. With --raw a string is printed without its quotes, and \
      bytes as they are.

      EXAMPLES:
        lmkv get users ada
        lmkv get users ada --json
        lmkv get pages index.html --raw > index.html

      JSON: {"scope":"users","key":"ada","value":{"born":1815},"revision":7,"expires":null}

      EXIT STATUS: 1 when the key is absent.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @Flag(help: "Print a string without quotes, and bytes as they are.") var raw = false
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if raw && options.json { throw ValidationError("Give one of --raw and --json.") }
  }

  func run() throws {
    try options.withStore(.reading) { store, output in
      guard let entry = try store.scope(scope.text).entry(key.text) else {
        throw CommandFailure.noEntry(key.text, in: scope.text)
      }
      if options.json {
        try output.object(entry, in: scope.text)
      } else {
        try output.value(entry.value, raw: raw)
      }
    }
  }
}
