import ControlPage
import LMDBPlatform

/// A process of its own for the tests: `ControlPageDriver COMMAND PATH [ARGUMENT…]`. It says one line when it has come
/// to where the test wants it, and then waits to be told to go on, or to be killed.
@main
enum ControlPageDriver {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let run = commands[arguments[1]] else { exit(64) }
    do {
      try run(arguments[2], Array(arguments.dropFirst(3)))
    } catch {
      say("error \(error)")
      exit(1)
    }
  }

  static let commands: [String: @Sendable (String, [String]) throws -> Void] = [
    "hold": hold,
    "wait": wait,
    "try": tryOnce,
    "count": count,
    "join": join,
    "first": first,
    "commit": waitForCommit,
    "fork": useAfterFork,
    "initialise": initialise,
    "full": openOnFullDisk,
    "threads": openWithoutThreads,
    "turns": measureTurns,
    "plain": measurePlain,
    "cost": measureCost,
    "run": run,
    "post": post,
    "take": takeLetters,
    "correspond": correspond,
    "claim": claim,
  ]

  /// Prints a line at once.
  static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  /// Says something, and waits for a line.
  static func pause(_ word: String) {
    say(word)
    _ = readLine()
  }

  /// Joins the page that the tests, or the first process, have made.
  static func page(_ path: String) throws -> ControlPage {
    try ControlPage.open(path, isFirst: false)
  }
}
