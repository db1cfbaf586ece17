internal import ArgumentParser
internal import LMKV

struct DeleteVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Remove keys, or all keys of a selection.",
    discussion: """
      Removes all of them in one transaction, and prints how many there were. With --step a selection is removed in many \
      short transactions, so that others can write in between. To remove everything, see clear.

      EXAMPLES:
        lmkv delete users ada bob
        lmkv delete sessions --pattern 'user:*:token'
        lmkv delete log --range ..2026-01-01 --step 10000
        lmkv delete locks report --if-value "$HOSTNAME"

      JSON: {"scope":"users","removed":1,"absent":["bob"]}
      When the condition does not hold, what is there, or null:
      {"scope":"users","key":"ada","current":{"value":1,"revision":7,"expires":null}}

      EXIT STATUS: 1 when one of the keys was absent, or the selection chose none; the others are removed. 1 when the \
      condition does not hold.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("The keys.", valueName: "key")) var keys: [KeyArgument] = []
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @Option(help: ArgumentHelp("Look at so many entries in each transaction.", valueName: "count")) var step: Int?
  @OptionGroup(title: "Condition") var comparison: ComparisonOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if keys.isEmpty, selection.isAll {
      throw ValidationError("Give keys, or one of --prefix, --pattern and --range.")
    }
    if !keys.isEmpty, !selection.isAll { throw ValidationError("Give keys or a selection, not both.") }
    if step != nil, selection.isAll { throw ValidationError("--step is for a selection.") }
    if let step, step < 1 { throw ValidationError("--step must be 1 or more.") }
    if comparison.isGiven, keys.count != 1 { throw ValidationError("A condition is for one key.") }
  }

  func run() throws {
    let condition = try comparison.condition()
    try options.withStore(.changing) { store, output in
      if let key = keys.first, comparison.isGiven {
        try remove(key.text, if: condition, store, output)
      } else if selection.isAll {
        try removeKeys(store, output)
      } else {
        try removeSelection(store, output)
      }
    }
  }

  private func remove(_ key: String, if condition: Condition, _ store: Store, _ output: Output) throws {
    let scope = scope.text
    let result = try store.transaction { try condition.remove(key, in: $0[scope]) }
    if case .refused(let current) = result {
      if options.json { try output.refused(key, in: scope, current: current) }
      throw condition.refusal(key, in: scope, current: current)
    }
    try report(1, absent: [], output)
  }

  private func removeKeys(_ store: Store, _ output: Output) throws {
    let absent = try store.transaction { transaction in
      let view = transaction[scope.text]
      return try keys.map(\.text).filter { try !view.remove($0) }
    }
    let removed = keys.count - absent.count
    try report(removed, absent: absent, output)
    guard absent.isEmpty else {
      throw CommandFailure.noEntries(absent, in: scope.text, " Removed \(removed) of \(keys.count).")
    }
  }

  private func removeSelection(_ store: Store, _ output: Output) throws {
    let scope = store.scope(scope.text)
    let removed =
      if let step { try scope.removeAll(selection.selection, inStepsOf: step) } else {
        try scope.removeAll(selection.selection)
      }
    try report(removed, absent: [], output)
    guard removed > 0 else {
      throw CommandFailure.notFound(
        "The selection chose no key of the scope \(KeyArgument.quoted(self.scope.text))."
      )
    }
  }

  private func report(_ removed: Int, absent: [String], _ output: Output) throws {
    try output.count(removed, "removed", in: scope.text, others: ("absent", absent), asJSON: options.json)
  }
}
