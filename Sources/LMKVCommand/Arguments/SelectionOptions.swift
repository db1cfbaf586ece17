internal import ArgumentParser
internal import LMKV

/// Which keys of a scope a verb is about.
struct SelectionOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Only keys that begin with this.")
  var prefix: KeyArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only keys that match a glob: * ? [a-c] [^x] and \\ as in Redis.", valueName: "glob")
  )
  var pattern: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only keys from FROM up to and without TO; either can be left out.", valueName: "from..to")
  )
  var range: RangeArgument?

  var isAll: Bool { prefix == nil && pattern == nil && range == nil }

  var selection: KeySelection {
    if let prefix { return .prefix(prefix.text) }
    if let pattern { return .matching(Pattern(DashedNumbers.restored(pattern))) }
    return range?.selection ?? .all
  }

  func validate() throws {
    let given = [prefix != nil, pattern != nil, range != nil].count { $0 }
    guard given <= 1 else { throw ValidationError("Give one of --prefix, --pattern and --range.") }
  }
}

/// In which order, from where on, and how many.
struct PageOptions: ParsableArguments {
  @Flag(help: "From the last key to the first.")
  var reverse = false

  @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
  var limit: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Go on behind this key, the last one of the page before.", valueName: "key")
  )
  var after: KeyArgument?

  func page(of selection: KeySelection) -> KeySelection {
    var page = reverse ? selection.reversed() : selection
    if let after { page = page.after(after.text) }
    if let limit { page = page.limited(to: limit) }
    return page
  }

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must be 0 or more.") }
  }
}
