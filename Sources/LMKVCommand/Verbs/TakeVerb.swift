internal import ArgumentParser
internal import LMKV

struct TakeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "take",
    abstract: "Print the value of a key, and remove the key.",
    discussion: """
      Of many that take the same key, one gets the value. It is printed as get prints it, when the key is removed for \
      good; so it is lost if the output fails.

      EXAMPLES:
        lmkv take tickets t1
        lmkv take uploads photo --raw > photo.jpeg

      JSON, the entry as it was: {"scope":"tickets","key":"t1","value":"ada","revision":7,"expires":null}

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
    try options.withStore(.changing) { store, output in
      let taken = try store.transaction { transaction in
        let view = transaction[scope.text]
        let entry = try view.entry(key.text)
        if entry != nil { try view.remove(key.text) }
        return entry
      }
      guard let taken else { throw CommandFailure.noEntry(key.text, in: scope.text) }
      if options.json {
        try output.object(taken, in: scope.text)
      } else {
        try output.value(taken.value, raw: raw)
      }
    }
  }
}
