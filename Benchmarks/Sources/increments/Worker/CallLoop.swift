import Harness

/// The state of one caller's loop: which counter comes next, when it is done, and what it has measured.
///
/// It is a closed loop: a caller makes the next call as soon as one returned. The clock is read once for each call,
/// so a wait is the whole way round, the same few nanoseconds of bookkeeping included for every contender.
struct CallLoop {
  private(set) var report = CallReport()
  private let counters: Int
  private let deadline: UInt64
  private let limit: Int
  private var random: SplitMix64
  private var last: UInt64

  /// The callers all begin at `start`; `caller` is a number that no other caller of the run has.
  init(_ workload: Workload, start: UInt64, caller: Int) {
    counters = workload.counters
    switch workload.extent {
    case .seconds(let seconds):
      deadline = start + Duration(seconds: seconds).nanoseconds
      limit = .max
    case .increments(let increments):
      deadline = .max
      limit = increments
    }
    random = SplitMix64(seed: UInt64(caller))
    last = monotonicNanoseconds()
  }

  var isDone: Bool {
    last >= deadline || report.acknowledged >= limit
  }

  mutating func nextCounter() -> Int {
    counters == 1 ? 0 : Int.random(in: 0..<counters, using: &random)
  }

  mutating func recordReturn() {
    let now = monotonicNanoseconds()
    report.waits.record(now - last)
    report.acknowledged += 1
    if now <= deadline { report.inTime += 1 }
    report.end = now
    last = now
  }
}
