internal import ArgumentParser
internal import CFatal
internal import LMDBPlatform
internal import LMKV

/// Says on the standard error what went wrong, and ends the process with the status that it stands for.
struct ErrorReport {
  private let arguments: [String]

  init(_ arguments: [String]) {
    self.arguments = arguments
  }

  /// Whether `--json` is among the arguments, which a parser that failed cannot tell.
  private var isJSON: Bool { arguments.prefix { $0 != "--" }.contains("--json") }

  func exit(with error: any Error) -> Never {
    switch error {
    case is BrokenPipe:
      dieOfBrokenPipe()
    case let status as ExitCode:
      // Of a command that was run, and that has said itself what it had to say.
      LMDBPlatform.exit(status.rawValue)
    case let error as LMKVError:
      say("\(error.code)", error.message)
      end(ExitStatus(error.code).rawValue)
    case let error as CommandFailure:
      say(error.code, error.message)
      end(error.status)
    default:
      exit(withParserError: error)
    }
  }

  /// Errors of the parser, and the requests for help and the version, which come as errors too.
  private func exit(withParserError error: any Error) -> Never {
    let message = DashedNumbers.restoredAll(LMKVCommand.fullMessage(for: error))
    switch LMKVCommand.exitCode(for: error) {
    case .success:
      if let argument = GivenArguments.misread(arguments) { return exit(with: misreadError(argument)) }
      do {
        let output = Output()
        try output.line(message)
        try output.flush()
      } catch {
        exit(with: error)
      }
      end(ExitStatus.done.rawValue)
    case .validationFailure:
      if isJSON {
        say("\(ExitStatus.usage)", DashedNumbers.restoredAll(LMKVCommand.message(for: error)))
      } else {
        write(message)
      }
      end(ExitStatus.usage.rawValue)
    default:
      say("\(ExitStatus.inputOutput)", "\(error)")
      end(ExitStatus.inputOutput.rawValue)
    }
  }

  private func misreadError(_ argument: String) -> CommandFailure {
    CommandFailure(
      .usage,
      "\(KeyArgument.quoted(argument)) looks like an option. Put -- before arguments that may begin with a dash; for help "
        + "write lmkv help and the verb. Nothing was changed."
    )
  }

  private func say(_ code: String, _ message: String) {
    write(Self.line(code, message, isJSON: isJSON))
  }

  private static func line(_ code: String, _ message: String, isJSON: Bool) -> String {
    if isJSON { return JSONText.object(["error": .string(code), "message": .string(message)]) }
    let style = Style(isColored: isatty(STDERR_FILENO) != 0 && Style.isWanted)
    return "\(style.error("lmkv:")) \(message)"
  }

  /// Says from now on what is the matter with a store when a signal ends the process: LMDB believes the pages of its file, and
  /// crashes on damaged ones.
  static func prepareForDamage(of store: String, isJSON: Bool) {
    let sentence =
      "The store \(store) is damaged, most likely: reading or changing it made LMDB crash. lmkv check says what is damaged, and "
      + "where. Restore the store from a backup."
    let bytes = Array("\(line("\(LMKVError.Code.corrupted)", sentence, isJSON: isJSON))\n".utf8)
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe cfatal_say(bytes.baseAddress, bytes.count, ExitStatus.corrupted.rawValue)
    }
  }

  private func write(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    // Where the standard error itself fails there is nobody left to be told.
    _ = unsafe bytes.withUnsafeBytes { unsafe LMDBPlatform.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private func end(_ status: Int32) -> Never {
    LMDBPlatform.exit(status)
  }

  /// Ends as a program does that knows nothing of broken pipes, which is what shells expect.
  private func dieOfBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    LMDBPlatform.exit(128 + SIGPIPE)
  }
}
