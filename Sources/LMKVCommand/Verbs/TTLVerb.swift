internal import ArgumentParser
internal import LMKV

struct TTLVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ttl",
    abstract: "Print how much longer an entry will be there.",
    discussion: """
      Prints the seconds, to the millisecond, or never for an entry that stays.

      EXAMPLES:
        lmkv ttl sessions s1
        lmkv ttl sessions s1 --json

      JSON, in milliseconds: {"scope":"sessions","key":"s1","ttl":89998,"expires":{"$date":1700000090000}}

      EXIT STATUS: 1 when the key is absent, or has expired.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @OptionGroup var options: StoreOptions

  func run() throws {
    try options.withStore(.reading) { store, output in
      let found = try store.read { snapshot in
        let view = snapshot[scope.text]
        // Both are of one moment.
        return try view.timeToLive(key.text).map { ($0, try view.entry(key.text)?.expiresValue) }
      }
      guard let (timeToLive, expires) = found else { throw CommandFailure.noEntry(key.text, in: scope.text) }
      let milliseconds = timeToLive.duration.map { Int($0 / .milliseconds(1)) }
      if options.json {
        try output.object([
          "scope": .string(scope.text), "key": .string(key.text),
          "ttl": milliseconds.map { .integer(Int128($0)) } ?? .null, "expires": expires ?? .null,
        ])
      } else {
        try output.line(milliseconds.map(Self.seconds) ?? "never")
      }
    }
  }

  private static func seconds(_ milliseconds: Int) -> String {
    let part = "\(milliseconds % 1_000)"
    return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - part.count))\(part)"
  }
}
