import Foundation

/// Several processes that use one store, recorded.
public struct Workload: Sendable {
  public enum Mode: String, Sendable, CaseIterable {
    /// LMKV, each commit on the disk.
    case full
    /// LMKV, `.relaxed` with some `.full` transactions between.
    case relaxed
    /// LMDB's own commits, through the engine.
    case engine
    /// LMDB with MDB_NOMETASYNC, of which it is known that it loses the last commits, and corrupts nothing.
    case lazy
    /// LMDB with MDB_NOSYNC, of which it is known that it loses and corrupts.
    case unsafe

    /// Whether it uses LMKV.
    public var isStore: Bool { self == .full || self == .relaxed }

    /// Whether failures show that the simulator sees them.
    public var mayFail: Bool { self == .lazy || self == .unsafe }

    /// In milliseconds.
    public static let interval = 40

    public var terms: Promises.Terms {
      Promises.Terms(interval: self == .relaxed ? UInt64(Self.interval) * 1_000_000 : nil)
    }
  }

  public static let volatile: Set<String> = ["lock.mdb", "control", "pages"]

  let driver: String
  let mode: Mode
  let seed: UInt64
  /// Where the store and the trace go.
  let directory: String

  public var root: String { directory + "/disk" }
  public var trace: String { directory + "/trace" }

  public init(driver: String, mode: Mode, seed: UInt64, directory: String) {
    self.driver = driver
    self.mode = mode
    self.seed = seed
    self.directory = directory
  }

  /// Runs it to its end. Some processes are killed, some live for one transaction, one reads for long, one is foreign.
  public func run() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try Trace.create(trace, capacity: 1 << 30)
    var chance = Chance(seed, 1)
    var stream = 0
    /// THREADS and TIMES, and whether it is killed.
    func worker(_ threads: Int, _ times: Int, dies: Bool) throws -> Worker {
      defer { stream += threads }
      var environment = [
        "LMKV_POWER_TRACE": trace, "LMKV_POWER_ROOT": root, "LMKV_POWER_SEED": String(chance.below(1 << 30)),
        "LMKV_POWER_SYNC_DELAY": String([100, 400, 1_500][chance.below(3)]),
      ]
      if dies {
        let manner = ["before", "after", "inside"][chance.below(3)]
        environment["LMKV_POWER_DIE"] = "\(1 + chance.below(times * threads * 4)):\(manner)"
      }
      return try Worker(
        driver,
        ["work", root + "/store", mode.rawValue, String(seed), String(stream), String(threads), String(times)],
        environment
      )
    }
    func foreign() throws -> Worker {
      try Worker(
        driver,
        ["foreign", root + "/store", String(10 + chance.below(10))],
        ["LMKV_POWER_TRACE": trace, "LMKV_POWER_ROOT": root]
      )
    }
    // All at once, so that they race for the creation.
    var crowd = try (0..<3).map { index in try worker(1 + chance.below(4), 8 + chance.below(16), dies: index == 2) }
    if chance.once(in: 2) { crowd.append(try foreign()) }
    for _ in 0..<2 { try worker(1, 1, dies: false).finish() }
    try crowd[2].finish(mayDie: true)
    try worker(2, 8, dies: true).finish(mayDie: true)
    try worker(2, 8, dies: false).finish()
    for worker in crowd { try worker.finish(mayDie: true) }
    // And once more, to a store that was closed.
    try worker(1, 3, dies: chance.once(in: 2)).finish(mayDie: true)
    try Trace.finish(trace)
  }

  /// What the mapped files hold in the end.
  public func leftovers() -> [String: [UInt8]] {
    var left: [String: [UInt8]] = [:]
    for name in Self.volatile {
      if let data = FileManager.default.contents(atPath: root + "/store/" + name) {
        left["store/" + name] = Array(data)
      }
    }
    return left
  }
}
