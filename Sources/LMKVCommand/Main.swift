internal import ArgumentParser
internal import LMDBPlatform

@main
enum Main {
  static func main() {
    // A closed pipe is then an error of `write`, and the store is closed in good order before the process ends.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      var command = try LMKVCommand.parseAsRoot(DashedNumbers.marked(arguments))
      try command.run()
    } catch {
      ErrorReport(isJSON: ErrorReport.wantsJSON(arguments)).exit(with: error)
    }
  }
}
