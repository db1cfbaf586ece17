import Foundation
import LMKV

extension Driver {
  /// STORE MEGABYTES WARMUP: writes so much in one transaction, after so many quick ones, and says the most memory that it
  /// ever had, in KiB.
  static func swell(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    let scope = store.scope("large", of: [UInt8].self)
    for number in 0..<Self.number(arguments, 1) { try scope.set("warm", [UInt8(number % 256)]) }
    let value = [UInt8](repeating: 1, count: 1 << 16)
    try store.transaction { transaction in
      for number in 0..<Self.number(arguments, 0) * 16 { try transaction[scope].set("key-\(number)", value) }
    }
    try store.close()
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { exit(1) }
    say("\(usage.ru_maxrss)")
  }
}
