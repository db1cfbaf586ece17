internal import ArgumentParser
internal import LMKV

struct SweepVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Remove the entries that have expired.",
    discussion: """
      Nobody sees them any more anyway; this gives their room back, in all scopes. Whoever writes does it in passing, so \
      it is needed only where much expires and little is written. Prints how many were removed, in transactions of at \
      most 1000.

      EXAMPLES:
        lmkv sweep
        lmkv sweep --limit 100000

      JSON: {"removed":12,"more":false}
      """
  )

  @Option(help: ArgumentHelp("About how many at most; then more says whether there are others.", valueName: "count"))
  var limit: Int?
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
  }

  func run() throws {
    try options.withStore(.changing) { store, output in
      let result = try store.sweepExpired(limit: limit ?? .max)
      if options.json {
        try output.object(["removed": .integer(Int128(result.removed)), "more": .bool(result.hasMore)])
      } else {
        try output.line("\(result.removed)")
      }
    }
  }
}
