import LMDB
import LMDBPlatform

/// A process of its own for the tests: `LMDBTestDriver COMMAND DIRECTORY [ARGUMENT]`. It says one line when it has come
/// to where the test wants it, and then waits to be told to go on, or to be killed.
@main
enum Driver {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let run = commands[arguments[1]] else { exit(64) }
    do {
      try run(arguments[2], arguments.count > 3 ? arguments[3] : "")
    } catch {
      say("error \(error)")
      exit(1)
    }
  }

  static let commands: [String: @Sendable (String, String) throws -> Void] = [
    "hold-write": holdWrite,
    "hold-read": holdRead,
    "hold-readers": holdReaders,
    "count": count,
    "names": createNames,
    "fill": fill,
    "grow": growUnderLimit,
    "open-slowly": openSlowly,
    "open-and-stay": openAndStay,
    "hold-opening": holdOpening,
    "hold-opening-as-reader": holdOpeningAsReader,
    "fork": useAfterFork,
    "fork-anew": openAfterFork,
    "fork-reopen": reopenAfterFork,
    "fork-open": forkWhileOpening,
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
}
