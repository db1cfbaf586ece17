import Harness

/// One store, read in one way.
struct ReadCase {
  let contender: any ReadContender
  let mode: ReadMode

  var name: String { type(of: contender).name }

  func nanosecondsPerGet(of entries: EntrySet, for duration: Duration) throws -> Double {
    var nanoseconds = 0.0
    try contender.withReader(mode) { get in
      nanoseconds = try nanosecondsPerCall(for: duration, batch: 1_000) { call in
        let read = call % entries.count
        let (position, expected) = (try get(read), entries.order[read])
        if position != expected {
          throw BenchmarkError("\(name) read a wrong value: expected that of key \(expected), got that of \(position).")
        }
      }
    }
    return nanoseconds
  }
}
