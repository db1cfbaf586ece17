internal import ArgumentParser
internal import LMKV

struct SetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Write a value under a key.",
    discussion: """
      The value is JSON; what is none is a string, so that a word needs no quotes. With - it is read from the standard \
      input. A former expiry is gone, unless --keep-expiry is given. The store and the scope are created if they do not \
      exist.

      What JSON lacks: {"$date": 1700000000000} (milliseconds since 1970), {"$bytes": "AQID"} (base64), \
      {"$double": "NaN"}. 1 is an integer, and 1.0 a double.

      With a condition the value is written only if that holds; nobody comes in between.

      EXAMPLES:
        lmkv set users ada '{"name": "Ada", "born": 1815}'
        lmkv set colors sky blue
        lmkv set texts answer 42 --string
        lmkv set pages index.html - --string < index.html
        lmkv set photos ada - --bytes < ada.jpeg
        lmkv set sessions s1 '{"user": "ada"}' --expires 30m
        lmkv set locks report "$HOSTNAME" --if-absent --expires 5m
        lmkv set users ada '{"name": "Ada"}' --if-revision 7

      JSON: {"scope":"users","key":"ada","revision":7,"expires":null}
      When the condition does not hold, what is there, or null:
      {"scope":"users","key":"ada","current":{"value":1,"revision":7,"expires":null}}

      EXIT STATUS: 1 when the condition does not hold; nothing is changed then.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @Argument(help: "JSON, a bare word, or - for the standard input.") var value: ValueArgument
  @Flag(help: "Take the value literally, as a string.") var string = false
  @Flag(help: "Take the value literally, as bytes.") var bytes = false
  @OptionGroup(title: "Expiry") var expiry: ExpiryOptions
  @OptionGroup(title: "Expiry") var kept: KeptExpiryOptions
  @Flag(help: ArgumentHelp("Only if the key is absent.")) var ifAbsent = false
  @Flag(help: ArgumentHelp("Only if the key is there.")) var ifPresent = false
  @OptionGroup var comparison: ComparisonOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if string && bytes { throw ValidationError("Give one of --string and --bytes.") }
    guard [ifAbsent, ifPresent, comparison.isGiven].count(where: { $0 }) <= 1 else {
      throw ValidationError("Give one condition.")
    }
  }

  private var condition: Condition {
    get throws { ifAbsent ? .absent : ifPresent ? .present : try comparison.condition() }
  }

  func run() throws {
    let condition = try condition
    let value = try value.value(string ? .string : bytes ? .bytes : .json)
    let expires = kept.expiry(expiry, unless: .never)
    try options.withStore(condition.needsEntry ? .changing : .creating) { store, output in
      let (result, written) = try store.transaction { transaction in
        let view = transaction[scope.text]
        let result = try condition.set(key.text, value, expires: expires, in: view)
        return (result, options.json ? try view.entry(key.text) : nil)
      }
      if case .refused(let current) = result {
        if options.json { try output.refused(key.text, in: scope.text, current: current) }
        throw condition.refusal(key.text, in: scope.text, current: current)
      }
      guard let written else { return }
      try output.object([
        "scope": .string(scope.text), "key": .string(key.text), "revision": written.revisionValue,
        "expires": written.expiresValue,
      ])
    }
  }
}
