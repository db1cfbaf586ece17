internal import LMDBPlatform

/// Names the time since the system was started.
///
/// It is a hint, and never evidence: a container may show another one or none, and a disk may lose what was not synced
/// while the system goes on.
package struct BootID: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Whether the system told it.
  package var isKnown: Bool { high != 0 || low != 0 }

  /// Of the running system. All zero where it does not tell.
  package static let current: BootID = {
    let digits = readText("/proc/sys/kernel/random/boot_id").filter(\.isHexDigit)
    guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { return BootID(high: 0, low: 0) }
    return BootID(high: high, low: low)
  }()
}
