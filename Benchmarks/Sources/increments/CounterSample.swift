import Harness

/// What one run of one contender measured.
struct CounterSample {
  let operationsPerSecond: Double
  let waits: LatencyHistogram
  /// Of the processes, relative to the mean of all.
  let shares: ClosedRange<Double>
  /// The increments that were acknowledged.
  let expected: Int
  /// The increments that the store had afterwards.
  let counted: Int

  /// Takes one report of each process.
  init(of extent: Extent, from start: UInt64, _ reports: [CallReport], counted: Int) {
    let total = reports.reduce(into: CallReport()) { $0.merge($1) }
    operationsPerSecond = Double(total.inTime) / Self.seconds(extent, from: start, to: total.end)
    waits = total.waits
    shares = Self.shares(of: reports.map { Double($0.inTime) })
    expected = total.acknowledged
    self.counted = counted
  }

  /// A timed run lasts as long as it was told to; what returned later is not in its rate.
  private static func seconds(_ extent: Extent, from start: UInt64, to end: UInt64) -> Double {
    if case .seconds(let seconds) = extent { return seconds }
    return Double(end - start) / 1e9
  }

  private static func shares(of counts: [Double]) -> ClosedRange<Double> {
    let mean = counts.reduce(0, +) / Double(counts.count)
    guard mean > 0, let fewest = counts.min(), let most = counts.max() else { return 0...0 }
    return fewest / mean...most / mean
  }
}
