import ControlPage
import LMDBPlatform

extension ControlPageDriver {
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Loops over `take`, work and `release` for a time, and says how often, and the sorted waits' percentiles.
  private static func measure(_ milliseconds: Int, _ work: Int64, take: () throws -> Void, release: () -> Void) throws {
    var waits: [Int64] = []
    waits.reserveCapacity(4_000_000)
    pause("ready")
    // All begin when the first turns are given.
    try take()
    release()
    let end = now() + Int64(milliseconds) * 1_000_000
    var start = now()
    while start < end {
      try take()
      let taken = now()
      waits.append(taken - start)
      while now() - taken < work {}
      release()
      start = now()
    }
    waits.sort()
    func percentile(_ part: Double) -> Int64 { waits.isEmpty ? 0 : waits[Int(Double(waits.count - 1) * part)] }
    say("\(waits.count) \(percentile(0.5)) \(percentile(0.999)) \(percentile(1))")
  }

  /// `turns PATH MILLISECONDS WORK-NS [SLICE-US] [hand-over]`.
  static func measureTurns(_ path: String, _ arguments: [String]) throws {
    let slice = arguments.dropFirst(2).first.flatMap(Int.init).map { Duration.microseconds($0) } ?? Turn.defaultSlice
    let page = try ControlPage.open(path, isFirst: false, slice: slice)
    let handsOver = arguments.contains("hand-over")
    try measure(Int(arguments[0]) ?? 0, Int64(arguments[1]) ?? 0) {
      _ = try page.turn.take()
    } release: {
      page.turn.release(handOver: handsOver)
    }
  }

  /// The same with a robust mutex alone, in a file of its own.
  static func measurePlain(_ path: String, _ arguments: [String]) throws {
    let descriptor = open(path + ".plain", O_RDWR)
    guard descriptor >= 0, let mutex = mmap(nil, 4_096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      mutex != MAP_FAILED
    else { exit(1) }
    let plain = mutex.assumingMemoryBound(to: pthread_mutex_t.self)
    try measure(Int(arguments[0]) ?? 0, Int64(arguments[1]) ?? 0) {
      guard pthread_mutex_lock(plain) == 0 else { exit(1) }
    } release: {
      pthread_mutex_unlock(plain)
    }
  }

  /// Nanoseconds for one `take` and `release` that nobody else wants: `cost PATH COUNT`.
  static func measureCost(_ path: String, _ arguments: [String]) throws {
    let page = try ControlPage.open(path, isFirst: true)
    let count = Int(arguments.first ?? "") ?? 5_000_000
    for _ in 0..<3 {
      let start = now()
      for _ in 0..<count {
        _ = try page.turn.take()
        page.turn.release()
      }
      say("turn \(Double(now() - start) / Double(count)) ns")
    }
    let start = now()
    for _ in 0..<count { try page.commits.advance() }
    say("advance \(Double(now() - start) / Double(count)) ns")
  }
}
