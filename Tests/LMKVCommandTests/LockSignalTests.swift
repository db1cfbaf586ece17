#if os(Linux)
  import Foundation
  import Testing

  /// The command that `lmkv lock` runs is as if the user had run it, and the lock lasts as long as it does.
  @Suite struct LockSignalTests {
    @Test(
      "A signal to lmkv reaches the command, and the lock is held until that has ended",
      arguments: ["TERM", "INT", "HUP", "QUIT"]
    )
    func forwarding(_ signal: String) throws {
      try withCommand { lmkv in
        let file = lmkv.directory.path(of: "log")
        // While it cleans up, somebody else tries.
        let script = """
          trap '\(Command.executable) lock l --timeout 0 -- true; echo $? >> \(file); exit 7' \(signal)
          echo $$ >> \(file)
          while :; do sleep 0.02; done
          """
        let process = try start(lmkv, ["lock", "l", "--", "sh", "-c", script])
        try waitUntil { !lines(file).isEmpty }
        kill(process.process.processIdentifier, try #require(Self.numbers[signal]))
        process.ended.wait()
        #expect(process.process.terminationReason == .exit && process.process.terminationStatus == 7)
        #expect(lines(file).dropFirst() == ["3"])
        try lmkv.output("lock", "l", "--timeout", "0", "--", "true")
      }
    }

    private static let numbers = ["TERM": SIGTERM, "INT": SIGINT, "HUP": SIGHUP, "QUIT": SIGQUIT]

    @Test("A command that a signal ends gives its status, and one that outlives the signal keeps lmkv waiting")
    func endings() throws {
      try withCommand { lmkv in
        #expect(try lmkv("lock", "l", "--", "sh", "-c", "kill -TERM $$").status == 143)
        let deaf = "trap '' TERM; kill -TERM $PPID; sleep 0.1; exit 3"
        #expect(try lmkv("lock", "l", "--", "sh", "-c", deaf).status == 3)
        #expect(try lmkv("lock", "l", "--", "/dev/null").status == 126)
        let absent = try lmkv("lock", "l", "--json", "--", "no such command")
        #expect(absent.status == 127 && absent.errors.contains("no such command"))
        #expect(try lmkv("lock", "l", "--", "sh", "-c", "exit 255").status == 255)
        // A closed pipe ends it, as it does without lmkv.
        #expect(try lmkv.shell("lmkv lock l -- sh -c 'yes; echo $? >&2' | head -1").errors == "141\n")
      }
    }

    @Test("When lmkv is killed the command is killed with it, rather than that two have the lock")
    func killed() throws {
      try withCommand { lmkv in
        let file = lmkv.directory.path(of: "log")
        let script = "echo $$ >> \(file); while :; do sleep 0.02; done"
        let process = try start(lmkv, ["lock", "l", "--", "sh", "-c", script])
        try waitUntil { !lines(file).isEmpty }
        let child = try #require(lines(file).first)
        kill(process.process.processIdentifier, SIGKILL)
        process.ended.wait()
        try waitUntil {
          // Whoever adopts it may take a while to ask for its end.
          let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
          return status.map { $0.contains(") Z ") } ?? true
        }
        try lmkv.output("lock", "l", "--", "true")
      }
    }

    @Test("The command is in the process group of lmkv, has none of its files open, and its own signals")
    func surroundings() throws {
      try withCommand { lmkv in
        let groups = try lmkv.output("lock", "l", "--", "sh", "-c", "cut -d' ' -f5 /proc/$$/stat /proc/$PPID/stat")
          .split(separator: "\n")
        #expect(groups.count == 2 && groups[0] == groups[1])
        let files = try lmkv.output("lock", "l", "--", "sh", "-c", "ls -l /proc/self/fd")
        #expect(!files.contains(lmkv.store))
        let signals = "grep -E '^Sig(Blk|Ign)' /proc/self/status"
        let result = try lmkv.shell("\(signals); lmkv lock l -- \(signals); true")
        // Those above 31 are the C library's own.
        let sets = result.output.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        #expect(sets.count == 4, "\(result.output)\(result.errors)")
        #expect(sets.prefix(2).map { $0 & 0x7FFF_FFFF } == sets.suffix(2).map { $0 & 0x7FFF_FFFF }, "\(result.output)")
      }
    }

    @Test("A command can read the terminal and change it")
    func terminal() throws {
      let interpreter = try requireExecutable("python3")
      try withCommand { lmkv in
        // Stopped by SIGTTIN or SIGTTOU it would not end.
        let script = "import pty, sys; status = pty.spawn(sys.argv[1:]); sys.exit(status >> 8)"
        let inner = "stty -echo < /dev/tty && stty echo < /dev/tty && echo changed"
        let result = try run(
          interpreter,
          ["-c", script, Command.executable, "lock", "l", "--", "sh", "-c", inner],
          environment: ["LMKV_STORE": lmkv.store]
        )
        #expect(result.status == 0 && result.output.contains("changed"), "\(result.output)\(result.errors)")
      }
    }

    // MARK: Support

    private func start(_ lmkv: Command, _ arguments: [String]) throws -> (process: Process, ended: DispatchSemaphore) {
      let process = Process()
      // A shell cannot trap what was ignored when it began, as it is where these tests run in the background.
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["--default-signal=INT,HUP,QUIT,TERM", Command.executable] + arguments
      process.environment = ProcessInfo.processInfo.environment.merging(["LMKV_STORE": lmkv.store]) { $1 }
      process.standardInput = FileHandle.nullDevice
      return (process, try process.runSignalling())
    }

    private func lines(_ file: String) -> [String] {
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").map(String.init)
    }

    private func waitUntil(_ condition: () -> Bool) throws {
      while !condition() { usleep(5_000) }
    }
  }
#endif
