internal import Dispatch

/// The one clock of all contenders: monotonic, in nanoseconds. Every process of a machine reads the same, so an instant
/// can be agreed upon across processes.
public func monotonicNanoseconds() -> UInt64 {
  DispatchTime.now().uptimeNanoseconds
}

extension Duration {
  public init(seconds: Double) {
    self = .nanoseconds(Int64(seconds * 1e9))
  }

  /// Whole nanoseconds; 0 when negative.
  public var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
  }
}
