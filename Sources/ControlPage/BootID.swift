internal import LMDBPlatform

/// Names the time since the system was started: another one means that memory, and what was not synced, is gone.
package struct BootID: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Of the running system. All zero where it does not tell.
  package static let current: BootID = {
    let digits = readText("/proc/sys/kernel/random/boot_id").filter(\.isHexDigit)
    guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { return BootID(high: 0, low: 0) }
    return BootID(high: high, low: low)
  }()
}
