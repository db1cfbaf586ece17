import Foundation
import LMKV

extension Driver {
  /// STORE MEGABYTES WARMUP: writes so much in one transaction, after so many quick ones, and says how much memory of its own
  /// it has at the end of that, and after it, in KiB.
  static func swell(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    let scope = store.scope("large", of: [UInt8].self)
    for number in 0..<Self.number(arguments, 1) { try scope.set("warm", [UInt8(number % 256)]) }
    let value = [UInt8](repeating: 1, count: 1 << 16)
    try store.transaction { transaction in
      for number in 0..<Self.number(arguments, 0) * 16 { try transaction[scope].set("key-\(number)", value) }
      say("\(try ownMemory())")
    }
    say("\(try ownMemory())")
    try store.close()
  }

  /// Without what the kernel keeps of files.
  private static func ownMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return line?.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0
  }
}
