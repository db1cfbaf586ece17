internal import ArgumentParser
internal import LMKV

struct DeleteVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Remove keys, or all keys of a selection.",
    discussion: """
      Removes all of them in one transaction, and prints how many there were. To remove everything, see clear.

      EXAMPLES:
        lmkv delete users ada bob
        lmkv delete sessions --pattern 'user:*:token'

      JSON: {"scope":"users","removed":1,"absent":["bob"]}

      EXIT STATUS: 1 when one of the keys was absent, or the selection chose none. The others are removed.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("The keys.", valueName: "key")) var keys: [KeyArgument] = []
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if keys.isEmpty, selection.isAll {
      throw ValidationError("Give keys, or one of --prefix, --pattern and --range.")
    }
    if !keys.isEmpty, !selection.isAll { throw ValidationError("Give keys or a selection, not both.") }
  }

  func run() throws {
    try options.withStore(.changing) { store, output in
      var removed = 0
      var absent: [String] = []
      try store.transaction { transaction in
        let view = transaction[scope.text]
        for key in keys {
          if try view.remove(key.text) { removed += 1 } else { absent.append(key.text) }
        }
        guard !selection.isAll else { return }
        // A loop over a scope may change it: it goes on behind the last key.
        try view.keys(selection.selection).forEach { key in
          if try view.remove(key) { removed += 1 }
        }
      }
      if options.json {
        try output.object([
          "scope": .string(scope.text), "removed": .integer(Int128(removed)),
          "absent": .array(absent.map(Value.string)),
        ])
      } else {
        try output.line("\(removed)")
      }
      guard absent.isEmpty else {
        throw CommandFailure.notFound(
          "Not in the scope \(KeyArgument.quoted(scope.text)): "
            + "\(absent.map(KeyArgument.quoted).joined(separator: ", ")). Removed \(removed) of \(keys.count)."
        )
      }
      guard removed > 0 else {
        throw CommandFailure.notFound("The selection chose no key of the scope \(KeyArgument.quoted(scope.text)).")
      }
    }
  }
}
