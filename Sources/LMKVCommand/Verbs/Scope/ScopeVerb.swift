internal import ArgumentParser
internal import LMKV

struct ScopeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scope",
    abstract: "List, create, rename, copy and drop scopes.",
    discussion: """
      EXAMPLES:
        lmkv scope list
        lmkv scope rename users people
        lmkv scope copy people people-2026
        lmkv scope drop people-2026

      JSON: see lmkv help scope list, and so on.
      """,
    subcommands: [
      ScopeListVerb.self, ScopeCreateVerb.self, ScopeRenameVerb.self, ScopeCopyVerb.self, ScopeDropVerb.self,
    ]
  )

  @OptionGroup var options: StoreOptions
}

struct ScopeListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the scopes of the store, as scopes does.",
    discussion: """
      EXAMPLES:
        lmkv scope list

      JSON, a line each: {"name":"users","entries":2,"bytes":4096}
      """
  )

  @OptionGroup var options: StoreOptions

  func run() throws {
    try listScopes(options)
  }
}

struct ScopeCreateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Create an empty scope.",
    discussion: """
      Needed only for a scope that is to be there before anything is written to it. The store is created if it does not \
      exist.

      EXAMPLES:
        lmkv scope create users

      JSON: {"scope":"users"}

      EXIT STATUS: 1 when there is a scope of that name.
      """
  )

  @Argument(help: "The name of the scope.") var name: KeyArgument
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.creating) { store, output in
      try store.createScope(name.text)
      if options.json { try output.object(["scope": .string(name.text)]) }
    }
  }
}
