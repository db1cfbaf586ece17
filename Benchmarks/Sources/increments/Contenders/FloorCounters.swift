internal import CFloors
import Harness

/// Plain C on liblmdb: begin, get, put, commit.
final class FloorCounters: CounterContender, CounterCaller, @unchecked Sendable {
  // Unchecked: the pointer never changes, and LMDB lets any thread begin a write transaction in an environment.
  private let counters: OpaquePointer

  static let name = "lmdb-c"

  init(directory: String, counters count: Int, durability: Durability) throws {
    var counters: OpaquePointer?
    try check(floor_counters_open(&counters, directory, count, durability == .relaxed))
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

private func check(_ code: Int32) throws {
  if code != 0 { throw BenchmarkError("lmdb-c: \(String(cString: floor_error(code)))") }
}
