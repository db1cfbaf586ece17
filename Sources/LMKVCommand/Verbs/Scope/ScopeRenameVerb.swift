internal import ArgumentParser
internal import LMKV

struct ScopeRenameVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give a scope another name.",
    discussion: """
      Takes no time, however large it is. Who writes to the old name afterwards creates a new scope.

      EXAMPLES:
        lmkv scope rename users people

      JSON: {"from":"users","to":"people"}

      EXIT STATUS: 1 when there is no such scope, or one of the new name; that is never replaced.
      """
  )

  @Argument(help: "The name that it has.") var name: KeyArgument
  @Argument(help: "The new name.") var newName: KeyArgument
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.changing) { store, output in
      try store.renameScope(name.text, to: newName.text)
      if options.json { try output.object(["from": .string(name.text), "to": .string(newName.text)]) }
    }
  }
}

struct ScopeCopyVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy",
    abstract: "Copy a scope into a new one.",
    discussion: """
      In one transaction. The copies keep their expiry, and have a new revision. Prints how many there are.

      EXAMPLES:
        lmkv scope copy users users-2026

      JSON: {"from":"users","to":"users-2026","copied":2}

      EXIT STATUS: 1 when there is no such scope, or one of the new name; that is never replaced.
      """
  )

  @Argument(help: "The scope to copy.") var name: KeyArgument
  @Argument(help: "The name of the copy.") var newName: KeyArgument
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.changing) { store, output in
      let count = try store.copyScope(name.text, to: newName.text)
      if options.json {
        try output.object([
          "from": .string(name.text), "to": .string(newName.text), "copied": .integer(Int128(count)),
        ])
      } else {
        try output.line("\(count)")
      }
    }
  }
}

struct ScopeDropVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Remove a scope with everything in it.",
    discussion: """
      For good, and without asking. Prints how many entries it had. To keep the scope, see clear.

      EXAMPLES:
        lmkv scope drop sessions

      JSON: {"scope":"sessions","removed":12}

      EXIT STATUS: 1 when there is no such scope.
      """
  )

  @Argument(help: "The name of the scope.") var name: KeyArgument
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.changing) { store, output in
      let removed = try store.dropScope(name.text)
      if options.json {
        try output.object(["scope": .string(name.text), "removed": .integer(Int128(removed))])
      } else {
        try output.line("\(removed)")
      }
    }
  }
}
