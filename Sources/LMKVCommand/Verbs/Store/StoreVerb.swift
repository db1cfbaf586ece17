internal import ArgumentParser
internal import LMKV

struct StoreVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "List, create, rename and delete stores.",
    discussion: """
      A store is named by its path, as in --store. Which one is created, renamed or deleted must be an argument, so that \
      $LMKV_STORE is never meant by accident.

      EXAMPLES:
        lmkv store list /var/lib/app
        lmkv store create /var/lib/app/sessions
        lmkv store rename /var/lib/app/sessions logins
        lmkv store delete /var/lib/app/logins

      JSON: see lmkv help store list, and so on.
      """,
    subcommands: [StoreListVerb.self, StoreCreateVerb.self, StoreRenameVerb.self, StoreDeleteVerb.self]
  )

  @OptionGroup var options: StoreOptions
}

/// The path of a store, as the directory around it and the name in that.
struct StoreArgument {
  let directory: StoreDirectory
  let name: String

  var path: String { directory.path == "." ? name : directory.path == "/" ? "/\(name)" : "\(directory.path)/\(name)" }
}

extension StoreArgument: ExpressibleByArgument {
  init(argument: String) {
    var path = Substring(DashedNumbers.restored(argument))
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let parts = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    var around = parts.map { path[..<$0] } ?? "."
    while around.count > 1, around.hasSuffix("/") { around.removeLast() }
    self.init(
      directory: StoreDirectory(path: around.isEmpty ? "/" : String(around)),
      name: String(parts.map { path[path.utf8.index(after: $0)...] } ?? path)
    )
  }
}

extension StoreOptions {
  /// For verbs whose argument names the store.
  func refuseStore() throws {
    if store != nil { throw ValidationError("The path of the store is an argument here; leave --store out.") }
  }

  /// Brings what a verb prints to the standard output.
  func withOutput(_ body: (Output) throws -> Void) throws {
    if immutable { throw CommandFailure(.usage, "--immutable is for verbs that read one store.") }
    let output = Output()
    try body(output)
    try output.flush()
  }
}
