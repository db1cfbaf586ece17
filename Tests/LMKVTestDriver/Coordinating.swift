import Foundation
import LMKV

extension Driver {
  /// NAME: takes a lock, says when, and keeps it until it reads a line or is killed.
  static func holdLock(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    say("ready")
    try store.lock(arguments[0]).withLock {
      say("\(nanoseconds)")
      _ = readLine()
    }
    try store.close()
  }

  /// NAME TIMES: takes a lock as often and gives it back, and says how many nanoseconds that took each time.
  static func timeLocks(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    let lock = store.lock(arguments[0])
    let times = number(arguments, 1)
    try lock.withLock {}
    let start = nanoseconds
    for _ in 0..<times { try lock.withLock {} }
    say("\((nanoseconds - start) / UInt64(max(times, 1)))")
    try store.close()
  }

  /// PERMITS ROUNDS SEED: changes registers that nobody guards but a semaphore and a lock, blocking and suspending, and
  /// counts in its own file what it has done.
  ///
  /// The file `register` has a number that is read, and written larger by one, with the lock alone. In the directory `inside`
  /// there is a file for each who has a permit, removed before that is given back; who is killed leaves it, with its
  /// process ID in the name.
  static func usePermits(_ path: String, _ arguments: [String]) async throws {
    let store = try Store(path: path + "/store", configuration: .init(durability: .relaxed()))
    let (permits, rounds) = (number(arguments, 0), number(arguments, 1))
    let lock = store.lock("register")
    let semaphore = store.semaphore("places", permits: permits)
    var random = Random(state: UInt64(number(arguments, 2)))
    for round in 0..<rounds {
      switch random.next() % 5 {
      case 0: try blocking { try lock.withLock { try increment(path) } }
      case 1: try await lock.async.withLock { try increment(path) }
      case 2:
        try blocking { try semaphore.withPermit { try stay(path, round, permits) } }
      case 3: try await semaphore.async.withPermit { try stay(path, round, permits) }
      default:
        // Whoever gives up leaves the queue in order.
        do {
          try await lock.async.withLock(timeout: .milliseconds(1)) { try increment(path) }
        } catch let error as LMKVError where error.code == .timedOut {}
      }
    }
    try store.close()
    say("done")
  }

  /// From asynchronous code, where blocking methods cannot be called by name.
  private static func blocking(_ body: () throws -> Void) throws { try body() }

  private static func increment(_ path: String) throws {
    let file = path + "/register"
    // One write in place, so that a killed process leaves the former number or the next one.
    let descriptor = open(file, O_RDWR)
    guard descriptor >= 0 else { exit(66) }
    defer { close(descriptor) }
    var number: UInt64 = 0
    guard pread(descriptor, &number, 8, 0) == 8 else { exit(66) }
    if number % 7 == 0 { usleep(200) }
    var (next, owner) = (number + 1, UInt64(getpid()))
    // Who else was here meanwhile would be seen.
    guard pwrite(descriptor, &owner, 8, 8) == 8, pwrite(descriptor, &next, 8, 0) == 8 else { exit(66) }
    var (seen, seenOwner): (UInt64, UInt64) = (0, 0)
    guard pread(descriptor, &seen, 8, 0) == 8, pread(descriptor, &seenOwner, 8, 8) == 8 else { exit(66) }
    guard seen == next, seenOwner == owner else {
      say("two at once")
      exit(67)
    }
  }

  private static func stay(_ path: String, _ round: Int, _ permits: Int) throws {
    let directory = path + "/inside"
    let mine = "\(directory)/\(getpid())-\(round)"
    guard FileManager.default.createFile(atPath: mine, contents: nil) else { exit(66) }
    usleep(100)
    let living = try FileManager.default.contentsOfDirectory(atPath: directory).filter { name in
      guard let process = pid_t(name.prefix { $0 != "-" }), isRunning(process) else { return false }
      return FileManager.default.fileExists(atPath: directory + "/" + name)
    }
    try FileManager.default.removeItem(atPath: mine)
    if living.count > permits {
      say("\(living.count) at once")
      exit(67)
    }
  }

  /// Neither a zombie runs nor what is on its way to become one.
  private static func isRunning(_ process: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = status.lastIndex(of: ")")
    else { return false }
    // The state is the third field, the flags are the ninth.
    let fields = status[end...].dropFirst(2).split(separator: " ")
    guard fields.count > 6, let flags = UInt64(fields[6]) else { return false }
    return !["Z", "X"].contains(fields[0]) && flags & 4 == 0
  }

  private struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }

  /// NAME [hang]: asks for a value that is computed once, and says whether it computed, and what it got. With `hang` it
  /// waits in the computation to be killed.
  static func compute(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    say("ready")
    let value = try store.once(arguments[0], of: Int.self) {
      say("computing")
      if arguments.contains("hang") { while true { sleep(1) } }
      usleep(20_000)
      return Int(getpid())
    }
    say("got \(value)")
    try store.close()
  }

  /// NAME TIMES: tries as often to pass, and says how often it did.
  static func throttle(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    var passes = 0
    for _ in 0..<number(arguments, 1) where try store.throttle(arguments[0], every: .seconds(3_600)) { passes += 1 }
    say("\(passes)")
    try store.close()
  }

  /// Uses the parent's lock in a forked child, and says how that was refused. The parent has it still.
  static func useLocksAfterFork(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    let lock = store.lock("family")
    let held = try lock.lock()
    guard let symbol = dlsym(nil, "fork") else { exit(70) }
    let child = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)()
    if child == 0 {
      do {
        try store.lock("other").withLock {}
        say("allowed")
      } catch let error as LMKVError {
        say(error.code.description)
      }
      held.unlock()
      _exit(0)
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    say(try lock.tryLock() == nil ? "held" : "free")
    held.unlock()
    say(try lock.tryLock() == nil ? "held" : "free")
    try store.close()
  }
}
