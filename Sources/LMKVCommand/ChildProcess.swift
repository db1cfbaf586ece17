internal import CSpawn
internal import LMDBPlatform

/// The command behind `--`.
enum ChildProcess {
  /// Runs it, and waits for its end. Its arguments are the bytes that this process was given, UTF-8 or not.
  ///
  /// - Returns: the `errno` of a failed start, or zero; and as shells have it the exit status, or 128 and the signal.
  static func run() throws -> (error: Int32, status: Int32) {
    var arguments = unsafe CommandLine.unsafeArgv
    while let argument = unsafe arguments.pointee {
      unsafe arguments += 1
      guard unsafe strcmp(argument, "--") == 0 else { continue }
      let outcome = unsafe cspawn_run(arguments, Main.ignoresBrokenPipes ? 0 : 1)
      let signal = outcome.status & 0x7F
      return (outcome.error, signal == 0 ? (outcome.status >> 8) & 0xFF : 128 + signal)
    }
    throw CommandFailure(.usage, "Give a command after --.")
  }
}
