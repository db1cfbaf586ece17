internal import ArgumentParser
internal import LMKV

struct TouchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "touch",
    abstract: "Give entries another expiry.",
    discussion: """
      Leaves their values, in one transaction, and prints how many entries there were.

      EXAMPLES:
        lmkv touch sessions s1 --expires 30m
        lmkv touch offers spring summer --expires-at 2030-09-01

      JSON: {"scope":"sessions","touched":1,"absent":["s2"]}

      EXIT STATUS: 1 when one of the keys was absent; the others are touched.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("The keys.", valueName: "key")) var keys: [KeyArgument]
  @OptionGroup(title: "Expiry") var expiry: ExpiryOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if expiry.expiry == nil {
      throw ValidationError("Give --expires or --expires-at; for entries that stay see persist.")
    }
  }

  func run() throws {
    try changeExpiry(of: keys, in: scope.text, to: expiry.expiry ?? .kept, as: "touched", options)
  }
}

struct PersistVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "persist",
    abstract: "Remove the expiry of entries, so that they stay.",
    discussion: """
      Leaves their values, in one transaction, and prints how many entries there were.

      EXAMPLES:
        lmkv persist sessions s1

      JSON: {"scope":"sessions","persisted":1,"absent":["s2"]}

      EXIT STATUS: 1 when one of the keys was absent; the others stay.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("The keys.", valueName: "key")) var keys: [KeyArgument]
  @OptionGroup var options: StoreOptions

  func run() throws {
    try changeExpiry(of: keys, in: scope.text, to: .never, as: "persisted", options)
  }
}

/// What `touch` and `persist` do.
private func changeExpiry(
  of keys: [KeyArgument],
  in scope: String,
  to expiry: Expiry,
  as name: String,
  _ options: StoreOptions
) throws {
  try options.withStore(.changing) { store, output in
    let absent = try store.transaction { transaction in
      let view = transaction[scope]
      return try keys.map(\.text).filter { try !view.touch($0, expires: expiry) }
    }
    let changed = keys.count - absent.count
    try output.count(changed, name, in: scope, others: ("absent", absent), asJSON: options.json)
    guard absent.isEmpty else {
      throw CommandFailure.noEntries(absent, in: scope, " The expiry of \(changed) of \(keys.count) was changed.")
    }
  }
}
