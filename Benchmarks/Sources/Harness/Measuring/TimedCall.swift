/// Calls `body` for a while and gives the nanoseconds that one call took on average, for what must be prepared before
/// each call. `prepare` is not timed; neither is the first call when there is time for several.
public func nanosecondsPerCall(
  for duration: Duration,
  preparing prepare: () throws -> Void,
  _ body: () throws -> Void
) rethrows -> Double {
  func call() throws -> UInt64 {
    try prepare()
    let start = monotonicNanoseconds()
    try body()
    return monotonicNanoseconds() - start
  }
  var total: UInt64 = 0
  var calls = 0
  let first = try call()
  if first >= duration.nanoseconds { return Double(first) }
  repeat {
    total += try call()
    calls += 1
  } while total < duration.nanoseconds
  return Double(total) / Double(calls)
}
