internal import ArgumentParser
internal import LMDBPlatform

/// The arguments as the process was given them, before anybody parses them.
enum GivenArguments {
  /// Refuses what is not UTF-8: Swift has replaced it, so that different keys would be one and the same.
  ///
  /// The arguments of a command that `lock` runs are its own business.
  static func check(_ arguments: [String]) throws {
    let isLock = verb(arguments).words == ["lock"]
    for index in arguments.indices {
      if isLock, arguments[index] == "--" { return }
      guard let bytes = unsafe CommandLine.unsafeArgv[index + 1] else { return }
      guard unsafe String(validatingCString: bytes) == nil else { continue }
      throw CommandFailure(
        .usage,
        "Argument \(index + 1), \(KeyArgument.quoted(arguments[index])), is not UTF-8. Keys, names and paths are UTF-8; a value of "
          + "bytes is read from the standard input with - and --bytes. Nothing was changed."
      )
    }
  }

  /// The argument for which the parser gave out help, or the version, although it may be data: a key, a value, a name.
  ///
  /// Before the first argument that may be data the user asks for help, afterwards a script passes on what it was given:
  /// that must not end as if all was done. A single dash with several letters is never a request.
  static func misread(_ arguments: [String]) -> String? {
    let (words, start) = verb(arguments)
    if words.isEmpty, start < arguments.count, arguments[start] == "help" { return nil }
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      if isRequest(argument) { return index < start ? nil : argument }
      if argument.utf8.count > 2, argument.hasPrefix("-"), !argument.hasPrefix("--") { return argument }
    }
    return nil
  }

  private static func isRequest(_ argument: String) -> Bool {
    ["-h", "--help", "--help-hidden", "--version", "--experimental-dump-help"].contains(argument)
      || argument.hasPrefix("--generate-completion-script")
  }

  /// The words of the verb, and where the arguments begin that may be data.
  private static func verb(_ arguments: [String]) -> (words: [String], dataStart: Int) {
    var command: any ParsableCommand.Type = LMKVCommand.self
    var words: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      if argument == "--" { break }
      if argument == "--store" {
        index += 1
      } else if !argument.hasPrefix("-") {
        guard let verb = command.configuration.subcommands.first(where: { $0.configuration.commandName == argument })
        else { break }
        command = verb
        words.append(argument)
      }
      index += 1
    }
    return (words, index)
  }
}
