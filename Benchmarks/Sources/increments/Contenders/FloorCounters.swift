internal import CFloors
import Harness

/// Plain C on liblmdb: begin, get, put, commit.
final class FloorCounters<Syncing: FloorSyncing>: CounterContender, CounterCaller, @unchecked Sendable {
  // Unchecked: the pointer never changes, and LMDB lets any thread begin a write transaction in an environment.
  private let counters: OpaquePointer

  static var name: String { Syncing.name }

  static func isWorthwhile(at durability: Durability) -> Bool { Syncing.isWorthwhile(at: durability) }

  init(directory: String, counters count: Int, durability: Durability) throws {
    var counters: OpaquePointer?
    try check(floor_counters_open(&counters, directory, count, !Syncing.syncs(at: durability)))
    guard let counters else { throw BenchmarkError("lmdb-c opened nothing.") }
    self.counters = counters
  }

  deinit {
    floor_counters_close(counters)
  }

  func makeCaller() -> any CounterCaller { self }

  func increment(_ counter: Int) throws -> Int {
    var value: Int64 = 0
    try check(floor_counters_increment(counters, counter, &value))
    return Int(value)
  }

  func sum() throws -> Int {
    var sum: Int64 = 0
    try check(floor_counters_sum(counters, &sum))
    return Int(sum)
  }
}

/// Whether the floor's commits wait for the disk.
protocol FloorSyncing {
  static var name: String { get }
  static func syncs(at durability: Durability) -> Bool
  static func isWorthwhile(at durability: Durability) -> Bool
}

/// As asked for: LMDB's default, or MDB_NOSYNC.
enum SyncingAsAsked: FloorSyncing {
  static var name: String { "lmdb-c" }
  static func syncs(at durability: Durability) -> Bool { durability == .full }
  static func isWorthwhile(at durability: Durability) -> Bool { true }
}

/// MDB_NOSYNC always: what of a durable increment is not the disk.
enum NeverSyncing: FloorSyncing {
  static var name: String { "lmdb-c-nosync" }
  static func syncs(at durability: Durability) -> Bool { false }
  /// At relaxed durability the other floor does the same.
  static func isWorthwhile(at durability: Durability) -> Bool { durability == .full }
}

private func check(_ code: Int32) throws {
  if code != 0 { throw BenchmarkError("lmdb-c: \(String(cString: floor_error(code)))") }
}
