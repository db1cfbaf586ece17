internal import ArgumentParser
internal import LMDBPlatform
internal import LMKV

struct LockVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock",
    abstract: "Run a command while holding a lock.",
    discussion: """
      Waits until nobody else has the lock, for --timeout at most or as long as it takes, runs the command, and gives the lock back when it ends. With \
      --shared-permits so many can run at once: that is a semaphore, and all must give the same number. The store is \
      created when it does not exist. Prints nothing of its own, nor JSON but for errors.

      The command is in the process group of lmkv, so that it can use the terminal. SIGINT, SIGTERM, SIGHUP and SIGQUIT \
      that lmkv gets are passed on to it, and lmkv goes on until it has ended. When lmkv is killed by SIGKILL the command \
      is killed too (on Linux). What the command leaves running in the background does not keep the lock.

      EXAMPLES:
        lmkv lock nightly-import -- ./import.sh
        lmkv lock nightly-import --timeout 0 -- ./import.sh || echo "runs already"
        lmkv lock gpu --shared-permits 2 -- python3 train.py

      EXIT STATUS: that of the command, 128 and its number when a signal ended it. 3 when the timeout was over first, \
      126 when the command cannot be started, 127 when there is none of that name.
      """
  )

  @Argument(help: "The name of the lock.") var name: KeyArgument
  @Option(help: ArgumentHelp("How many can run at once.", valueName: "number")) var sharedPermits: Int?
  @OptionGroup var options: StoreOptions
  @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.") var command: [String]

  func validate() throws {
    if command.isEmpty { throw ValidationError("Give a command after --.") }
    if let sharedPermits, sharedPermits < 1 { throw ValidationError("Give at least 1 shared permit.") }
  }

  func run() throws {
    var status: Int32 = 0
    try options.withStore(.creating) { store, _ in
      let limit = options.timeout
      if let sharedPermits {
        try store.semaphore(name.text, permits: sharedPermits).withPermit(timeout: limit) { status = try runCommand() }
      } else {
        try store.lock(name.text).withLock(timeout: limit) { status = try runCommand() }
      }
    }
    if status != 0 { throw ExitCode(status) }
  }

  private func runCommand() throws -> Int32 {
    let outcome = try ChildProcess.run()
    if outcome.error != 0 {
      let status: Int32 = outcome.error == ENOENT ? 127 : 126
      let reason = unsafe String(cString: strerror(outcome.error))
      let name = KeyArgument.quoted(command[0])
      throw CommandFailure(rawStatus: status, "The command \(name) cannot be started: \(reason).")
    }
    return outcome.status
  }
}
