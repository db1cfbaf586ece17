public import Histogram

/// How long calls took, in nanoseconds, to two significant digits: small enough that a thousand workers can have one
/// each without pushing the contender out of the caches.
public struct LatencyHistogram: Codable, Sendable {
  @usableFromInline static let longest: UInt64 = 3_600_000_000_000

  @usableFromInline var histogram: Histogram<UInt64>

  public init() {
    histogram = Histogram(highestTrackableValue: Self.longest, numberOfSignificantValueDigits: .two)
  }

  /// Counts one call. Anything over an hour counts as an hour.
  @inlinable
  public mutating func record(_ nanoseconds: UInt64) {
    histogram.record(min(nanoseconds, Self.longest))
  }

  public mutating func merge(_ other: LatencyHistogram) {
    histogram.add(other.histogram)
  }

  public func microseconds(atPercentile percentile: Double) -> Double {
    histogram.totalCount == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) / 1_000
  }
}
