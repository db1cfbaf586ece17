internal import ArgumentParser
internal import LMKV

struct SetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Write a value under a key.",
    discussion: """
      The value is JSON; what is none is a string, so that a word needs no quotes. With - it is read from the standard \
      input. A former expiry is gone. The store and the scope are created if they do not exist.

      What JSON lacks: {"$date": 1700000000000} (milliseconds since 1970), {"$bytes": "AQID"} (base64), \
      {"$double": "NaN"}. 1 is an integer, and 1.0 a double.

      EXAMPLES:
        lmkv set users ada '{"name": "Ada", "born": 1815}'
        lmkv set colors sky blue
        lmkv set texts answer 42 --string
        lmkv set pages index.html - --string < index.html
        lmkv set photos ada - --bytes < ada.jpeg

      JSON: {"scope":"users","key":"ada","revision":7}
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @Argument(help: "JSON, a bare word, or - for the standard input.") var value: ValueArgument
  @Flag(help: "Take the value literally, as a string.") var string = false
  @Flag(help: "Take the value literally, as bytes.") var bytes = false
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if string && bytes { throw ValidationError("Give one of --string and --bytes.") }
  }

  func run() throws {
    let value = try value.value(string ? .string : bytes ? .bytes : .json)
    try options.withStore(.creating) { store, output in
      guard options.json else { return try store.scope(scope.text).set(key.text, value) }
      let revision = try store.transaction { transaction in
        let view = transaction[scope.text]
        try view.set(key.text, value)
        return try view.entry(key.text)?.revisionValue
      }
      try output.object(["scope": .string(scope.text), "key": .string(key.text), "revision": revision ?? .null])
    }
  }
}
