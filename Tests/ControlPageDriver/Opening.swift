import ControlPage
import LMDBPlatform

extension ControlPageDriver {
  /// Is a member until told to go.
  static func join(_ path: String, _: [String]) throws {
    let page = try page(path)
    pause("joined \(page.me.rawValue)")
    page.close()
    pause("left")
  }

  /// Opens as the first, and stays.
  static func first(_ path: String, _: [String]) throws {
    let page = try ControlPage.open(path, isFirst: true)
    pause("joined \(page.me.rawValue)")
  }

  /// Waits for a commit, and says the count.
  static func waitForCommit(_ path: String, _: [String]) throws {
    let page = try page(path)
    let seen = page.commits.count
    say("waits")
    say("\(try page.commits.wait(past: seen, timeout: .seconds(60)))")
  }

  /// Kills itself on the way of initialising.
  static func initialise(_ path: String, _ arguments: [String]) throws {
    _ = try ControlPage.open(path, isFirst: true) { step in
      if step.rawValue == arguments.first { kill(getpid(), SIGKILL) }
    }
    say("survived")
  }

  /// May write no file of more than 64 KiB.
  static func openOnFullDisk(_ path: String, _: [String]) throws {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 64 << 10, rlim_max: 64 << 10)
    setrlimit(__rlimit_resource_t(1), &limit)
    _ = try ControlPage.open(path, isFirst: true)
    say("opened")
  }

  /// Has address space for the page, and none left for a thread's stack.
  static func openWithoutThreads(_ path: String, _: [String]) throws {
    let status = String(decoding: readAll("/proc/self/statm"), as: UTF8.self)
    let pages = UInt(status.split(separator: " ").first ?? "") ?? 0
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(9), &limit)
    limit.rlim_cur = pages * 4_096 + UInt(ControlPage.fileSize) + (128 << 10)
    setrlimit(__rlimit_resource_t(9), &limit)
    _ = try ControlPage.open(path, isFirst: true)
    say("opened")
  }

  private static func readAll(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    defer { _ = close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = read(descriptor, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }

  /// Uses the parent's page in a forked child, and drops it there.
  static func useAfterFork(_ path: String, _: [String]) throws {
    var page: ControlPage? = try ControlPage.open(path, isFirst: true)
    guard let symbol = dlsym(nil, "fork") else { exit(64) }
    let child = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)()
    if child == 0 {
      var refused: Int32 = 0
      func expectRefusal(_ body: (ControlPage) throws -> Void) {
        do { if let page { try body(page) } } catch { refused += 1 }
      }
      expectRefusal { _ = try $0.turn.take() }
      expectRefusal { _ = try $0.turn.tryTake() }
      expectRefusal { _ = try $0.commits.advance() }
      expectRefusal { _ = try $0.commits.wait(past: 0, timeout: .zero) }
      expectRefusal { _ = try $0.register(0) }
      expectRefusal { _ = try $0.futex(0) }
      page?.close()
      page = nil
      _exit(refused)
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    pause("refused \(status >> 8)")
    if let page {
      _ = try page.turn.take()
      page.turn.release()
      say("members \(page.members.all().count)")
    }
  }
}
