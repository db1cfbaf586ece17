internal import ArgumentParser
internal import LMDBPlatform

@main
enum Main {
  /// Lets a closed pipe be an error of `write`, so that the store is closed in good order before the process ends.
  ///
  /// Whether it was so already, which is then so for commands that are run, too.
  static let ignoresBrokenPipes: Bool = {
    let former = signal(SIGPIPE, SIG_IGN)
    return unsafe unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN as sighandler_t?, to: Int.self)
  }()

  static func main() {
    _ = ignoresBrokenPipes
    // A limit on the size of files (ulimit -f) is an error of `write`, too. With a handler and not ignored, so that commands that
    // are run get it as it is by default.
    signal(SIGXFSZ) { _ in }
    // Swift's report of a crash would let the command go on afterwards.
    signal(SIGQUIT, SIG_DFL)
    guard !CommandLine.arguments.isEmpty else {
      let sentence = "lmkv cannot read its own arguments, which the system tells in /proc/self/cmdline. Mount /proc."
      ErrorReport([]).exit(with: CommandFailure(.inputOutput, sentence))
    }
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try GivenArguments.check(arguments)
      var command = try LMKVCommand.parseAsRoot(DashedNumbers.marked(arguments))
      try command.run()
    } catch {
      ErrorReport(arguments).exit(with: error)
    }
  }
}
