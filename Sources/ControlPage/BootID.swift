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

/// The start of a small file that the system makes up. Empty where there is none.
func readText(_ path: String) -> String {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { _ = close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1_024)
  let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}
