public import ArgumentParser

/// How often to measure and how to tell about it.
public struct RunOptions: ParsableArguments {
  @Option(help: "How often each contender runs.")
  public var rounds = 3

  @Flag(help: "Print one JSON object a line for each contender instead of a table.")
  public var json = false

  public init() {}

  public func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds is at least 1.") }
  }
}

/// Where stores are made and whether they stay.
public struct StoreOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where to make the stores, which are then kept.", valueName: "path"))
  public var store: String?

  @Flag(help: "Keep the stores.")
  public var keep = false

  public init() {}

  /// Makes the directory for the stores of one run of `program`; close it at the end.
  public func makeDirectory(for program: String) throws -> StoreDirectory {
    try StoreDirectory(below: store, program: program, isKept: keep)
  }
}
