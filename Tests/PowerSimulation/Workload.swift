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
  }

  public static let volatile: Set<String> = ["lock.mdb", "control", "pages"]

  let driver: String
  let mode: Mode
  let circumstances: Circumstances
  var seed: UInt64 { circumstances.seed }
  /// Where the store and the trace go.
  let directory: String

  public var root: String { directory + "/disk" }
  public var trace: String { directory + "/trace" }

  public var terms: Promises.Terms {
    Promises.Terms(
      interval: mode == .relaxed ? UInt64(Mode.interval) * 1_000_000 : nil,
      flushesInTime: circumstances.flushesInTime
    )
  }

  public init(driver: String, mode: Mode, circumstances: Circumstances, directory: String) {
    self.driver = driver
    self.mode = mode
    self.circumstances = circumstances
    self.directory = directory
  }

  /// Runs it to its end, for those who record it by other means.
  public func run() throws {
    var run = WorkloadRun(self)
    try run.run()
    if let fault = run.faults.first { throw SimulationError("a process of the workload: \(fault)") }
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
