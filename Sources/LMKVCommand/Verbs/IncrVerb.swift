internal import ArgumentParser
internal import LMKV

struct IncrVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incr",
    abstract: "Add to the number under a key, and print the sum.",
    discussion: """
      An absent key counts as 0; a former expiry stays. The amount is 1 unless given, and can be negative. An integer \
      is added to an integer; with a decimal point the sum is a double. A sum that does not fit changes nothing.

      EXAMPLES:
        lmkv incr counters visits
        lmkv incr counters stock -5
        lmkv incr counters balance 0.5

      JSON: {"scope":"counters","key":"visits","value":2,"revision":7}

      EXIT STATUS: 1 when the value is no such number, or the sum does not fit.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @Argument(help: "An integer or a decimal number.") var by: NumberArgument = .integer(1)
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.creating) { store, output in
      let (sum, revision) = try store.transaction { transaction in
        let view = transaction[scope.text]
        let sum: Value =
          switch by {
          case .integer(let amount): .integer(Int128(try view.increment(key.text, by: amount)))
          case .double(let amount): .double(try view.increment(key.text, by: amount))
          }
        return (sum, options.json ? try view.entry(key.text)?.revisionValue : nil)
      }
      if options.json {
        try output.object([
          "scope": .string(scope.text), "key": .string(key.text), "value": sum, "revision": revision ?? .null,
        ])
      } else {
        try output.line(sum.json)
      }
    }
  }
}
