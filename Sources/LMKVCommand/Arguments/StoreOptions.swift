internal import ArgumentParser
internal import LMDBPlatform
internal import LMKV

/// The options of every verb, and the opening of the store that they name.
struct StoreOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("The directory of the store; without it $LMKV_STORE.", valueName: "path"),
    completion: .directory
  )
  var store: String?

  @Flag(name: .long, help: "Read a store that nobody writes, without locks: on a read-only medium.")
  var immutable = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long to wait for other processes at most: 500ms, 5s, 2m, or seconds; 0: not at all. Without it a minute.",
      valueName: "duration"
    ),
    transform: TimeoutText.duration
  )
  var timeout: Duration?

  @Flag(name: .long, help: "Print JSON: one object, or for lists one object a line. Errors are JSON too.")
  var json = false

  /// What a verb does to the store.
  enum Use {
    case reading
    /// Removing, for example: a store that does not exist is not created for that.
    case changing
    case creating
  }

  /// Opens the store, runs `body` with it, and brings what it printed to the standard output.
  func withStore(_ use: Use, _ body: (Store, Output) throws -> Void) throws {
    if immutable, use != .reading { throw CommandFailure(.usage, "--immutable is for verbs that read.") }
    var configuration = Store.Configuration(access: immutable ? .immutable : use == .reading ? .readOnly : .readWrite)
    configuration.createsIfMissing = use == .creating
    let path = try path()
    ErrorReport.prepareForDamage(of: path, isJSON: json)
    if let timeout {
      configuration.writeTimeout = timeout
      // A moment it may always take: openings follow on one another, and each lasts for milliseconds.
      configuration.openTimeout = max(timeout, .seconds(1))
    }
    let store = try Store(path: path, configuration: configuration)
    let output = Output()
    let outcome = Result { try body(store, output) }
    let flushing = Result { try output.flush() }
    try store.close()
    try outcome.get()
    try flushing.get()
  }

  /// The store that was named. An empty name is a mistake, of a script most likely, and never stands for another one.
  func path() throws -> String {
    if let store {
      guard !store.isEmpty else {
        throw CommandFailure(.usage, "The path of --store is empty. Give --store PATH. Nothing was changed.")
      }
      return DashedNumbers.restored(store)
    }
    guard let path = unsafe getenv("LMKV_STORE") else {
      throw CommandFailure(.usage, "No store was named. Give --store PATH, or set LMKV_STORE to the path.")
    }
    guard let path = unsafe String(validatingCString: path), !path.isEmpty else {
      throw CommandFailure(
        .usage,
        "LMKV_STORE is empty or not UTF-8. Set it to the path of the store, or give --store PATH. Nothing was changed."
      )
    }
    return path
  }
}
