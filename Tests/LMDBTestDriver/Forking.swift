import LMDB
import LMDBPlatform

extension Driver {
  /// Swift does not let `fork` be called by its name.
  private static func forked() -> pid_t {
    guard let symbol = dlsym(nil, "fork") else { fatalError("no fork") }
    return unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)()
  }

  /// Waits for a child, and says how it ended.
  private static func status(of child: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// Uses everything of the parent's environment in a forked child. Each use must be refused.
  static func useAfterFork(_ directory: String, _: String) throws {
    var environment: Environment? = try Environment.open(directory)
    guard let database = try environment?.write({ try $0.createDatabase("main") }) else { return }
    let child = forked()
    if child == 0 {
      var refused = 0
      func expectRefusal(_ body: (Environment) throws -> Void) {
        do {
          if let environment { try body(environment) }
        } catch LMDBError.Code.forked {
          refused += 1
        } catch {}
      }
      expectRefusal { try $0.read { _ in } }
      expectRefusal { try $0.write { try $0.put("x", for: "x", in: database) } }
      expectRefusal { _ = try $0.openDatabase("other") }
      expectRefusal { try $0.copy(to: directory + "/copy") }
      expectRefusal { try $0.sync() }
      expectRefusal { try $0.sweepDeadReaders() }
      // What goes here is the parent's, and must not be closed.
      environment = nil
      _exit(Int32(refused))
    }
    say("refused \(status(of: child) >> 8)")
    try environment?.write { try $0.put("still here", for: "parent", in: database) }
  }

  /// Opens the same files anew in a forked child.
  static func openAfterFork(_ directory: String, _: String) throws {
    let environment = try Environment.open(directory)
    let database = try environment.write { try $0.createDatabase("main") }
    try environment.read { _ in
      let child = forked()
      if child == 0 { openAnew(directory) }
      say("status \(status(of: child))")
    }
    let value = try environment.write { try $0.text("child", in: database) }
    say("value \(value ?? "none")")
  }

  /// Opens the same files anew in a forked child that has let go of its parent's environment.
  static func reopenAfterFork(_ directory: String, _: String) throws {
    var environment: Environment? = try Environment.open(directory)
    let child = forked()
    if child == 0 {
      environment = nil
      openAnew(directory)
    }
    say("status \(status(of: child))")
    try environment?.write { try $0.put("still here", for: "parent", in: $0.createDatabase("main")) }
  }

  /// What the child does: it writes into files of its own opening, and ends.
  private static func openAnew(_ directory: String) -> Never {
    do {
      let own = try Environment.open(directory)
      try own.write { try $0.put("here", for: "child", in: $0.createDatabase("main")) }
      _exit(0)
    } catch {
      say("error \(error)")
      _exit(1)
    }
  }

  /// Leaves a forked child behind that lives on, and closes: the child must not keep the lock of opening.
  static func forkWhileOpening(_ directory: String, _: String) throws {
    var configuration = Environment.Configuration()
    configuration.patience = 1
    let opening = try startThread { [configuration] in
      for _ in 0..<200 {
        guard (try? Environment.open(directory, configuration)) != nil else { return }
      }
    }
    var children: [pid_t] = []
    for _ in 0..<20 {
      usleep(2_000)
      let child = forked()
      if child == 0 {
        while true { sleep(1_000) }
      }
      children.append(child)
    }
    pthread_join(opening, nil)
    let isOpened = (try? Environment.open(directory, configuration)) != nil
    for child in children {
      kill(child, SIGKILL)
      _ = status(of: child)
    }
    say("opened \(isOpened)")
  }
}
