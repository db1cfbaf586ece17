internal import ArgumentParser
internal import LMKV

struct AppendVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "Append values to the array under a key.",
    discussion: """
      An absent key counts as an empty array; a former expiry stays unless a new one is given. The values are JSON or \
      bare words, as for set; one of them can be - for the standard input. Prints how many elements there are now.

      EXAMPLES:
        lmkv append users tags '"mathematics"' computing
        lmkv append events today '{"at": 3}' --expires 1d --keep-expiry

      JSON: {"scope":"users","key":"tags","count":2,"revision":7,"expires":null}

      EXIT STATUS: 1 when the value is no array; nothing is changed then.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @Argument(help: ArgumentHelp("JSON, bare words, or - for the standard input.", valueName: "value"))
  var values: [ValueArgument]
  @Flag(help: "Take the values literally, as strings.") var string = false
  @OptionGroup(title: "Expiry") var expiry: ExpiryOptions
  @OptionGroup(title: "Expiry") var kept: KeptExpiryOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    guard values.count(where: \.isInput) <= 1 else { throw ValidationError("The standard input is one value.") }
  }

  func run() throws {
    let values = try values.map { try $0.value(string ? .string : .json) }
    let expires = kept.expiry(expiry, unless: .kept)
    try options.withStore(.creating) { store, output in
      let (count, entry) = try store.transaction { transaction in
        let view = transaction[scope.text]
        let count: Int
        do {
          count = try view.append(key.text, contentsOf: values, expires: expires)
        } catch let error as LMKVError where error.code == .typeMismatch {
          throw CommandFailure.wrongKind(try view.get(key.text), key.text, in: scope.text, "Only an array can grow.")
        }
        return (count, options.json ? try view.entry(key.text) : nil)
      }
      guard let entry else { return try output.line("\(count)") }
      try output.object([
        "scope": .string(scope.text), "key": .string(key.text), "count": .integer(Int128(count)),
        "revision": entry.revisionValue, "expires": entry.expiresValue,
      ])
    }
  }
}
