import ControlPage
import Foundation
import LMKV

extension Store.Configuration {
  /// Believes that the machine was started when `LMKV_BOOT_ID` was set, if it is. Writes with system calls only, which are
  /// recorded.
  mutating func believeEnvironment() {
    mayMap = false
    guard let text = getenv("LMKV_BOOT_ID") else { return }
    let digits = String(cString: text).filter(\.isHexDigit)
    guard let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16) else {
      return
    }
    boot = BootID(high: high, low: low)
  }
}
