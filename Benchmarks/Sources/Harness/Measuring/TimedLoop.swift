/// Calls `body` for a while, untimed for the first tenth of it, and gives the nanoseconds that one call took on
/// average. The clock is read once for `batch` calls. `body` is told the number of the call.
@inlinable
public func nanosecondsPerCall(
  for duration: Duration,
  batch: Int,
  _ body: (_ call: Int) throws -> Void
) rethrows -> Double {
  func run(for nanoseconds: UInt64) throws -> Double {
    let start = monotonicNanoseconds()
    var now = start
    var calls = 0
    repeat {
      for call in calls..<calls + batch { try body(call) }
      calls += batch
      now = monotonicNanoseconds()
    } while now - start < nanoseconds
    return Double(now - start) / Double(calls)
  }
  _ = try run(for: duration.nanoseconds / 10)
  return try run(for: duration.nanoseconds)
}
