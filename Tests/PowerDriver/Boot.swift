import ControlPage
import Foundation
import LMKV
import PowerSimulation

extension Store.Configuration {
  /// Takes from the environment what the simulator decides: the start of the machine, and limits.
  mutating func believeEnvironment(_ circumstances: Circumstances) {
    believeBootID()
    // What is written through memory is not recorded.
    mayMap = false
    let sizes = circumstances.sizes
    maxSize = sizes.maxSize
    limits.smallestLog = sizes.smallestLog
    limits.largestLog = sizes.largestLog
    limits.maxImages = sizes.maxImages
    limits.longestWindow = sizes.longestWindow
    limits.pagesInWindow = sizes.pagesInWindow
    limits.growth = sizes.growth
    limits.streak = sizes.streak
    limits.idle = sizes.idle
    limits.maxKept = sizes.maxKept
    if circumstances.met.contains(.closing) { limits.closingPatience = .milliseconds(10) }
  }

  /// Believes that the machine was started when `LMKV_BOOT_ID` was set, if it is. Zeros: nobody knows.
  private mutating func believeBootID() {
    guard let text = getenv("LMKV_BOOT_ID") else { return }
    let digits = String(cString: text).filter(\.isHexDigit)
    guard let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16) else {
      return
    }
    boot = BootID(high: high, low: low)
  }
}

extension Circumstances {
  /// Of a process of the simulator.
  init(seed: UInt64) throws {
    let names = ProcessInfo.processInfo.environment[Circumstances.variable] ?? "none"
    self.init(seed: seed, enabled: try Event.parse(names))
  }

  var work: Work { Work(seed: seed, sizes: sizes) }
}
